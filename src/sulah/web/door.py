"""The door: signing in and out, and the pages for what went wrong."""

from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from sulah.web.problem import ProblemError, problem

sign_in = LoginView.as_view(template_name="sign_in.html", redirect_authenticated_user=True)
sign_out = LogoutView.as_view()


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The request cannot be read (400)."""
    return render(
        request, "error.html", {"title": "This address cannot be read", "words": "Go back to the book and try again."}, status=400
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The role does not open the page (403)."""
    words = "If you need it for your work, ask your administrator to change your role."
    return render(request, "error.html", {"title": "This page is not open to your role", "why": str(exception), "words": words}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """There is no such page or row, or not for this person (404): the two look the same on purpose."""
    words = "Check the number. A loan of another branch looks the same as one that does not exist."
    return render(request, "error.html", {"title": "Nothing here", "words": words}, status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """Our own mistake (500): no context processor runs here, since one of them may be what failed."""
    if request.path.startswith("/api/"):
        words = (
            "Send the same call with the same Idempotency-Key again: it is done once. If that does not help, tell whoever runs this server."
        )
        return problem(request, ProblemError(500, "broken", words))
    return HttpResponse(render_to_string("broken.html"), status=500)
