"""Work in the background, as its clerk sees it: how far it is, what came of it, and its files."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from registry import audit, jobs
from registry.admin.desk import ConfirmForm, ReadOnlyAdmin, clerk, evidence, posted
from registry.models import Job, JobFile, Tag


def seen_by(request: HttpRequest) -> QuerySet[Job]:
    """Jobs of the kinds that this clerk's roles may see; a region's clerk sees only what they asked for."""
    kinds = [kind.name for kind in jobs.KINDS.values() if clerk(request).has_perm(kind.permission)]
    rows = Job.objects.filter(kind__in=kinds)
    return rows.filter(asked_by=clerk(request)) if clerk(request).region else rows


def bar(job: Job, asks: str) -> SafeString:
    """How far it is, moving by itself: it asks that address, which answers with `moved`."""
    context = {"job": job, "share_only": not jobs.KINDS[job.kind].counts, "asks": asks}
    return render_to_string("admin/registry/job/progress.html", context)


def moved(job: Job, asks: str) -> HttpResponse:
    """The bar alone, as it asks for itself. When the work is over its page is told, and fetches itself anew with what
    came of it unless somebody has begun to write on it (static/js/admin/progress.js)."""
    answer = HttpResponse(bar(job, asks))
    if not job.is_under_way:
        answer["HX-Trigger"] = "job-over"
    return answer


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ("what", "asked_by", "asked_at", "standing", "how_far", "finished_at")
    list_display_links = ("what",)
    list_select_related = ("asked_by",)
    list_filter = ("state",)
    ordering = ("-asked_at",)
    sortable_by = ()
    when_empty = _("No work in the background. Imports and previews appear here while they run, and afterwards.")
    actions_detail = ("stop", "resume")
    fields = ("what", "progress", ("asked_by", "asked_at"), "finished_at", "files")
    readonly_fields = ("what", "progress", "files")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        return super().get_queryset(request).filter(pk__in=seen_by(request).values("pk"))

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<uuid:pk>/progress/", view(self.progress_fragment), name="registry_job_progress"),
            path("<uuid:pk>/file/<slug:role>/", view(self.download), name="registry_job_file"),
            *super().get_urls(),
        ]

    @display(description=_("job"))
    def what(self, job: Job) -> str:
        kind = jobs.KINDS[job.kind]
        if kind.page:
            return format_html('{} <a class="text-link" href="{}">{}</a>', kind.title, kind.page(job), _("Go there"))
        return str(kind.title)

    @display(
        description=_("state"),
        label={"under_way": "warning", "done": "success", "failed": "danger", "stopped": "default"},
    )
    def standing(self, job: Job) -> tuple[str, Any]:
        return job.state, job.get_state_display()

    @display(description=_("how far"))
    def how_far(self, job: Job) -> str:
        return "" if job.percent is None else f"{job.percent} %"

    @display(description=_("how far"))
    def progress(self, job: Job) -> str:
        return bar(job, reverse("admin:registry_job_progress", args=[job.pk]))

    @display(description=_("files"))
    def files(self, job: Job) -> str:
        rows = [
            (reverse("admin:registry_job_file", args=[job.pk, role]), name)
            for role, name in job.files.order_by("role").values_list("role", "name")
        ]
        return format_html_join(mark_safe("<br>"), '<a class="text-link" href="{}">{}</a>', rows) if rows else "–"

    def progress_fragment(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """The bar alone, asked for by itself while the work goes on."""
        job = seen_by(request).filter(pk=pk).first()
        if job is None:
            raise Http404
        return moved(job, request.path)

    def download(self, request: HttpRequest, pk: Any, role: str) -> HttpResponse:
        file = JobFile.objects.filter(job__in=seen_by(request).filter(pk=pk), role=role).select_related("job").first()
        if file is None:
            raise Http404
        audit.record(Tag.JOB_FILE_SEEN, target=file.job, role=role, **evidence(request))
        header = content_disposition_header(as_attachment=True, filename=file.name) or "attachment"
        return HttpResponse(file.content, content_type=file.media_type, headers={"Content-Disposition": header})

    def has_stop_permission(self, request: HttpRequest, object_id: str) -> bool:
        row = self.get_object(request, object_id)
        return row is not None and row.asked_by_id == clerk(request).pk

    def has_resume_permission(self, request: HttpRequest, object_id: str) -> bool:
        """Whoever asked for it; what nobody asked for, whoever sees it."""
        row = self.get_object(request, object_id)
        return row is not None and row.asked_by_id in (None, clerk(request).pk)

    def offers(self, deed: str, row: Job) -> bool:
        return row.is_under_way if deed == "stop" else row.state == Job.State.FAILED

    @action(description=_("Stop"), icon="stop_circle", permissions=["stop"])
    def stop(self, request: HttpRequest, object_id: str) -> HttpResponse:
        job = self.fetch(request, object_id)
        return self.ask(
            request,
            job,
            ConfirmForm(posted(request)),
            title=_("Stop the work"),
            subject=jobs.KINDS[job.kind].title,
            text=_("What is done so far stays done."),
            button=_("Stop"),
            do=lambda values: jobs.stop(job, now=timezone.now(), **evidence(request)),  # type: ignore[func-returns-value]
            done=_("It is stopped."),
        )

    @action(description=_("Take up again"), icon="resume", permissions=["resume"])
    def resume(self, request: HttpRequest, object_id: str) -> HttpResponse:
        job = self.fetch(request, object_id)
        return self.ask(
            request,
            job,
            ConfirmForm(posted(request)),
            title=_("Take the work up again"),
            subject=jobs.KINDS[job.kind].title,
            text=_("It goes on where it left off."),
            button=_("Take up again"),
            do=lambda values: jobs.resume(job, now=timezone.now(), **evidence(request)),  # type: ignore[func-returns-value]
            done=_("It is taken up again."),
        )
