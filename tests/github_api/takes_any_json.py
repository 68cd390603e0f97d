import httpx


class TakesAnyJson(httpx.HTTPTransport):
    """Prism takes GitHub's own media type, which its clients ask for, for another one than JSON."""

    def handle_request(self, request):
        request.headers["Accept"] = "application/json"
        return super().handle_request(request)
