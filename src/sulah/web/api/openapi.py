"""The OpenAPI document, made from the contracts and the words of this server, and a plain page of it."""

from django.http import HttpRequest, HttpResponse

from sulah.web.api.problem import answer


def document(request: HttpRequest, *, sandbox: bool) -> HttpResponse:
    """x"""
    return answer({})


def reference(request: HttpRequest, *, sandbox: bool) -> HttpResponse:
    """x"""
    return answer({})
