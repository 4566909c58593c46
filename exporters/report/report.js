// Finds records on this page. The report is whole without it.
(() => {
  const form = document.querySelector(".find");
  const field = form.querySelector("input");
  const told = form.querySelector("output");
  const records = [...document.querySelectorAll("tbody.records > tr, .card")];
  const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();
  const texts = records.map((record) => null);
  const find = () => {
    const words = folded(field.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    records.forEach((record, index) => {
      texts[index] ??= folded(record.textContent);
      const fits = words.every((word) => texts[index].includes(word));
      record.hidden = !fits;
      shown += fits;
    });
    told.textContent = words.length ? `${shown} of ${records.length} records on this page` : "";
  };
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  field.addEventListener("input", find);
})();
