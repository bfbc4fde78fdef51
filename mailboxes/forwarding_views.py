"""Where mail to a mailbox goes: the same form for its owner and for its admin."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from aliases.models import Alias
from mailadmin.core.errors import NotFound
from mailadmin.core.http import ActorRequest, actor_required, form_methods, posted
from mailboxes.forms import ForwardingForm
from mailboxes.forwarding import forwarding_of, forwarding_sentence, may_forward, rule_sentences, set_forwarding
from mailboxes.models import Mailbox
from mailboxes.views import managed_mailbox


@actor_required
@form_methods
def account_forwarding(request: ActorRequest) -> HttpResponse:
    """Change where the own mail goes; admins have none, the mailbox of the same name is another account."""
    if not request.actor.is_user:
        raise NotFound()
    mailbox = Mailbox.objects.visible_to(request.actor).get(username=request.actor.username)
    return _forwarding(request, mailbox, done=reverse("account"))


@actor_required
@form_methods
def mailbox_forwarding(request: ActorRequest, address: str) -> HttpResponse:
    """Change where mail to a mailbox in the actor's domains goes."""
    mailbox = managed_mailbox(request.actor, address)
    return _forwarding(request, mailbox, done=reverse("mailbox_detail", args=[address]))


def _forwarding(request: ActorRequest, mailbox: Mailbox, *, done: str) -> HttpResponse:
    alias = Alias.objects.filter(address=mailbox.username).first()
    present = forwarding_of(mailbox, alias)
    form = ForwardingForm(posted(request), initial={"keep": present.kept, "targets": present.sent_on})
    if form.is_valid():
        with form.operation_errors():
            # What was not touched goes back as it stands in the row, not as it is shown.
            changed = "targets" in form.changed_data
            targets = form.cleaned_data["targets"] if changed else present.sent_on
            row = set_forwarding(
                request.actor, username=mailbox.username, targets=targets, keep_copy=form.cleaned_data["keep"]
            )
            messages.success(request, forwarding_sentence(mailbox, row))
            return redirect(done)
    own = request.actor.is_user
    rules = rule_sentences(mailbox)
    context = {
        "mailbox": mailbox,
        "form": form,
        "own": own,
        "sentence": forwarding_sentence(mailbox, alias),
        "rules": " ".join(rules if own else [_("For the owner:"), *rules]) if rules else "",
        "closed": own and not present.sent_on and not may_forward(mailbox),
        "cancel_url": done,
    }
    return render(request, "mailboxes/forwarding.html", context)
