"""Turns Fides dataset manifests into data maps.

Source: fideslang, the `Dataset` resource; the Fides guides on datasets, on complex fields and on query execution.
"""

from extractors.fides.importing import ImportedMap, import_manifest
from extractors.fides.manifest import FaultyManifest

__all__ = ["FaultyManifest", "ImportedMap", "import_manifest"]
