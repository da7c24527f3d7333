from __future__ import annotations

from typing import Any

from nurture.demo.visitors import Reply, visitors


class Recording:
    """A small ASGI application that notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, bytes]] = []
        self.lifespan: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            for what in ("startup", "shutdown"):
                self.lifespan.append((await receive())["type"])
                await send({"type": f"lifespan.{what}.complete"})
            return
        self.asked.append((scope["method"], scope["path"], (await receive())["body"]))
        await send({"type": "http.response.start", "status": 302, "headers": [(b"location", b"/next")]})
        await send({"type": "http.response.body", "body": b""})


def test_a_visitor_asks_and_is_led_on() -> None:
    app = Recording()
    with visitors(app) as public:
        assert public.get("http://n.example/c/token", "Firefox") == Reply(302, "/next")
    assert app.asked == [("GET", "/c/token", b"")]


def test_a_form_is_sent_as_a_browser_sends_it() -> None:
    app = Recording()
    with visitors(app) as public:
        public.post("http://n.example/f/quote", {"name": "Zoë"}, "Firefox")
    assert app.asked == [("POST", "/f/quote", b"name=Zo%C3%AB")]


def test_the_application_is_started_and_stopped() -> None:
    app = Recording()
    with visitors(app):
        assert app.lifespan == ["lifespan.startup"]
    assert app.lifespan == ["lifespan.startup", "lifespan.shutdown"]
