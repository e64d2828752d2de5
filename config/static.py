"""Static files with hashed names, ES module imports among them rewritten to the hashed names."""

import posixpath
from collections.abc import Iterable
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage

# The second viewer of the API; the pages by which the REST framework would let an API be browsed.
UNNAMED = ("drf_spectacular_sidecar/redoc/", "rest_framework/")

MODULES = ("js/*.js", "vendor/*.js")  # no package brings modules, and looking for imports takes seconds
IMPORTS = CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1]  # type: ignore[attr-defined]


class ModuleStaticStorage(CompressedManifestStaticFilesStorage):
    """Hashed, compressed, and aware of `import … from "./x.js"`."""

    patterns = (*CompressedManifestStaticFilesStorage.patterns, *((ours, IMPORTS) for ours in MODULES))
    max_post_process_passes = 20  # one for each step of the longest chain of imports

    def compress_files(self, paths: Iterable[str]) -> Any:
        """Only what our pages name. All of it took a minute of CPU, this takes a quarter of that."""
        named = {hashed for name, hashed in self.hashed_files.items() if not self._is_unnamed(name)}
        return super().compress_files([path for path in paths if path in named])

    def _is_unnamed(self, name: str) -> bool:
        """Source maps, what packages bring along for pages that we do not have, and what has a smaller twin."""
        stem, ending = posixpath.splitext(name)
        return name.endswith(".map") or name.startswith(UNNAMED) or f"{stem}.min{ending}" in self.hashed_files
