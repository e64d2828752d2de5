"""Settings, all from the environment. A missing secret stops the start with one line that says which.

`bin/run` fills the environment for a demo; docs/architecture.md says what production sets.
"""

from pathlib import Path

from config import environment as env
from config import logs
from config.unfold import UNFOLD  # noqa: F401 -- the clerk's site, a setting of its own file

BASE_DIR = Path(__file__).resolve().parent.parent

# --- secrets and the machine we are on
SECRET_KEY = env.secret("SECRET_KEY")
MASTER_KEY = env.key("MASTER_KEY")
MASTER_KEYS_BEFORE = env.keys("MASTER_KEYS_BEFORE")  # still read, while all is written anew (docs/operations.md)
# The root of the blind indexes outlives a change of the master key: while one is under way it has to be named.
INDEX_KEY = env.key("INDEX_KEY", None if MASTER_KEYS_BEFORE else MASTER_KEY)
DEBUG = env.flag("DEBUG")
SITE_URL = env.text("SITE_URL", "http://localhost:8000").rstrip("/")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ["localhost", "127.0.0.1"])
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", [])
METRICS_TOKEN = env.text("METRICS_TOKEN", "")  # who may read /metrics and /health/deep; nobody where it is empty
SECURE = SITE_URL.startswith("https://")

# --- two databases: `vault` holds day keys and nothing else (docs/architecture.md, "Two databases")
WEB_THREADS = env.number("WEB_THREADS", 36)
WEB_FOR_DESK = env.flag("WEB_FOR_DESK")  # a process for clerks alone: the crowd does not come to it
DATABASES = {
    "default": env.database("DATABASE_URL", pool=WEB_THREADS),
    "vault": env.database("VAULT_DATABASE_URL", pool=2),
}
DATABASE_ROUTERS = ["config.routers.VaultRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Celery; the broker only hastens what stands in the database, so losing it loses nothing
REDIS_URL = env.text("REDIS_URL")

# --- SMS: providers are rows that name with what their settings begin; all of them begin with SMS_ (docs/sms.md)
globals().update(env.beginning("SMS_"))

# --- mail to clerks (docs/clerks.md); without EMAIL_URL none is sent, and who wants to invite is told so
globals().update(env.mail("EMAIL_URL"))
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "Munjigi <no-reply@localhost>")

# --- the gate: the class of a path (the first that fits; "" is outside all limits), requests at once of each class in a
# process, together at most WEB_THREADS - 2, and what one must be admitted for
GATE_CLASSES = [
    ("/static/", ""), ("/health/", ""), ("/metrics", ""), ("/waiting/", ""), ("/status/", ""),
    ("/api/v1/scan", "scan"), ("/api/v1/revocations", "scan"),
    ("/api/v1/pass/news/", "news"), ("/api/v1/pass", "pass"), ("/pass/", "pass"),
    ("/api/v1/visits", "pass"), ("/api/v1/posters/", "pass"), ("/v/", "pass"),
    ("/api/v1/verifications/", "finish"), ("/api/v1/verifications", "verify"), ("/api/v1/receipts", "receipts"),
    ("/api/v1/records", "labs"), ("/api/v1/app/", "apps"),
    ("/owner/", "portal"), ("/scanner/", "portal"), ("/admin/", "desk"), ("/", "rest"),
]  # fmt: skip
GATE_LIMITS = {
    "scan": 5, "pass": 3, "news": 1, "verify": 1, "finish": 2, "portal": 3, "desk": 3, "receipts": 2, "labs": 2,
    "apps": 1, "rest": 2,
}  # fmt: skip
GATE_QUICK = ("scan", "portal", "desk")  # somebody stands at a door or a counter: phone checks begin after these
GATE_ADMISSION = {("POST", "/api/v1/verifications")}
GATE_KEYED = {"apps": {("POST", "/api/v1/app/verifications")}}  # told apart by their keys, and what to be admitted for
GATE_CALLERS = "registry.partners.gate.callers"  # these keys
GATE_ADMITTED = ("verify", "finish")  # where nobody is who was not let in: finding no place, they make the room slower
GATE_OUTAGE = "registry.reverification.outages.as_json"  # {"since": ms} while one is declared; for the status page

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # the plain "unfold" would put a site without second factor in place of ours
    "unfold.contrib.filters",
    "unfold.contrib.simple_history",
    "config.apps.MunjigiAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "django.forms",
    "axes",
    "csp",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "django_structlog",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "phonenumber_field",
    "rest_framework",
    "simple_history",
    "config",
    "gate",
    "registry",
    "venues",
    "checkins",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "gate.middleware.GateMiddleware",
    "config.problems.UnavailableMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
FORM_RENDERER = "config.forms.Renderer"

# --- people who sign in
AUTH_USER_MODEL = "registry.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "owner:sign-in"
LOGIN_REDIRECT_URL = "owner:home"
LOGOUT_REDIRECT_URL = "landing"
PASSWORD_RESET_TIMEOUT = 24 * 3600  # seconds that a mailed link to set a new password is good for
OTP_TOTP_ISSUER = "Munjigi"
AXES_LOCKOUT_PARAMETERS = ["username"]  # not the address: an office shares one
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "registry.callers.client_address"
AXES_VERBOSE = False
SILENCED_SYSTEM_CHECKS = ["axes.W006"]  # wants the address in the lockout: see above

# --- language and time: a "day" is a Seoul day
LANGUAGE_CODE = "ko"
LANGUAGES = [("ko", "한국어"), ("en", "English")]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
TIME_ZONE = "Asia/Seoul"
USE_I18N = True
USE_TZ = True
PHONENUMBER_DEFAULT_REGION = "KR"
PHONENUMBER_DB_FORMAT = "E164"

# --- static files: served by ourselves, names carry a hash of the content, module imports included
STATIC_URL = "/static/"
DESTROYED_DAYS_FILE = env.text("DESTROYED_DAYS_FILE", "")  # the register outside of both databases; none if empty
LEAVINGS_FILE = env.text("LEAVINGS_FILE", "")  # the same of those who were erased or withdrew
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(BASE_DIR / "var" / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.static.ModuleStaticStorage"},
    "documents": {  # proofs of venues, encrypted; never below what is served (venues/documents.py)
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": env.text("DOCUMENTS_ROOT", str(BASE_DIR / "var" / "documents")),
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG

# --- headers: nothing inline, nothing from elsewhere. The admin's own policy: config/admin.py.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "media-src": ["'self'", "blob:"],
        "manifest-src": ["'self'"],
        "worker-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = False  # the proxy in front does it
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_HSTS_SECONDS = env.number("HSTS_SECONDS", 31_536_000) if SECURE else 0
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE
SESSION_COOKIE_AGE = 12 * 3600
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_MAX_MEMORY_SIZE = 26 * 1024 * 1024  # proofs of venues and files of records never lie on the disk in clear
FILE_UPLOAD_HANDLERS = [
    "config.uploads.Bounded",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 0)  # how many proxies stand in front and append to X-Forwarded-For

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "config.problems.handle",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Munjigi",
    "VERSION": "1",
    "DESCRIPTION": "Phone verification and passes for wallets, manifest and uploads for scanners.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

LOGGING = logs.settings(env.text("LOG_LEVEL", "WARNING"))
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False  # not to be logged (config/logs.py), so not found out at every request
DJANGO_STRUCTLOG_USER_ID_FIELD = None
