"""Static files with hashed names, ES module imports among them rewritten to the hashed names."""

from collections.abc import Iterable
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleStaticStorage(CompressedManifestStaticFilesStorage):
    """Hashed, compressed, and aware of `import … from "./x.js"`."""

    support_js_module_import_aggregation = True
    max_post_process_passes = 20  # one for each step of the longest chain of imports

    def compress_files(self, paths: Iterable[str]) -> Any:
        """Only what our pages name: hashed names, no source maps, not the second viewer of the API that a package
        brings along. All of it took a minute of CPU, this takes a third of that."""
        named = set(self.hashed_files.values())
        return super().compress_files(
            [path for path in paths if path in named and not path.endswith(".map") and "/redoc/" not in path]
        )
