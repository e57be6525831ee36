"""``GET /livez``: the event loop answers. It asks nothing of anybody else."""

from vitals.doors.native import Receive, Scope, Send, send_json


class Livez:
    async def start(self) -> None:
        """Nothing to start."""

    async def stop(self) -> None:
        """Nothing to stop."""

    def takes(self, scope: Scope) -> bool:
        return scope["path"] in {"/livez", "/livez/"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send_json(send, 200, {"alive": True})


application = Livez()
