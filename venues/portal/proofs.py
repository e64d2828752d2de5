"""The file field of forms that take a proof: what was right once is kept, so that it need not be chosen again because
something else was wrong."""

from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry.errors import DomainError
from registry.models import User
from venues import documents
from venues.models import Document


class ProofField(forms.FileField):
    def __init__(self, **kwargs: Any) -> None:
        accept = "image/jpeg,image/png,image/webp,application/pdf"
        super().__init__(
            required=False,
            allow_empty_file=True,
            widget=forms.FileInput(attrs={"accept": accept}),
            **kwargs,
        )


class ProofForm(forms.Form):
    """`self.document` is what was sent, now or with an earlier try (`kept`), once the form was checked."""

    document: Document | None = None
    document_needed = True

    proof_file = ProofField(
        label=_("Photo or PDF"),
        help_text=_("JPEG, PNG, WebP or PDF, at most 10 MB. Only the agency’s clerks see it; destroyed 90 days after "
                    "the decision."),
    )  # fmt: skip
    kept = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean(self) -> dict[str, Any]:
        upload = self.cleaned_data.get("proof_file")
        self.document = documents.kept_by(self.user, self.cleaned_data.get("kept", ""))
        if upload:
            self._take(upload)
        if self.document is None and self.document_needed and "proof_file" not in self.errors:
            self.add_error("proof_file", _("Choose a photo or a PDF of the document."))
        if self.document:  # shown again as kept, and sent along
            told = cast(QueryDict, self.data).copy()
            told["kept"] = str(self.document.pk)
            self.data = told
        return self.cleaned_data

    def _take(self, upload: UploadedFile) -> None:
        try:
            self.document = documents.keep(upload, by=self.user, now=timezone.now())
        except DomainError as error:
            self.document = None
            self.add_error("proof_file", str(error))

    @property
    def proofs(self) -> list[Document]:
        return [self.document] if self.document else []
