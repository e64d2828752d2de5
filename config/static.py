"""Static files with hashed names, ES module imports among them rewritten to the hashed names."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleStaticStorage(CompressedManifestStaticFilesStorage):
    """Hashed, compressed, and aware of `import … from "./x.js"`."""

    support_js_module_import_aggregation = True
    max_post_process_passes = 20  # one for each step of the longest chain of imports
