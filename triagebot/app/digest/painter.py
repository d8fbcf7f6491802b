"""Drawing the pictures of a digest in a child process that ends with it: the library for it takes eight megabytes, and
a desk at rest needs it once a week."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from dataclasses import asdict

from triagebot.core.digest.drawing import Bars, Columns, Drawing, Drawn, Stacks
from triagebot.edge.sandbox import Sandbox, SandboxFailedError, SandboxUnavailableError, serve

_WALL_SECONDS = 20.0
_CPU_SECONDS = 10
_MEMORY = 512 * 1024 * 1024
_KINDS: dict[str, type[Drawing]] = {kind.__name__: kind for kind in (Bars, Columns, Stacks)}


def draw_all(drawings: Sequence[Drawing]) -> tuple[tuple[Drawn, ...], str]:
    """Given drawings, return them as pictures and "", or none and a sentence that says why they cannot be drawn: the
    words beside them say the same."""
    if not drawings:
        return (), ""
    child = Sandbox("triagebot.app.digest.painter", (), _WALL_SECONDS, len(drawings) + 1)
    try:
        return tuple(_load(child.exchange(_dump(drawing))) for drawing in drawings), ""
    except (SandboxFailedError, SandboxUnavailableError) as failure:
        return (), f"The pictures of the week are left out, drawing them failed: {failure}"
    finally:
        child.close()


def main() -> None:
    """The child: draw what stands in each frame until the parent hangs up."""
    serve(_make_painter, _MEMORY, _CPU_SECONDS)


def _make_painter() -> Callable[[bytes], bytes]:
    from triagebot.edge.chart import draw  # brings Pillow along: in the child only

    def paint(frame: bytes) -> bytes:
        asked = json.loads(frame)
        drawn = draw(_KINDS[asked["kind"]](**asked["values"]))
        return json.dumps({**asdict(drawn), "png": b64encode(drawn.png).decode()}).encode()

    paint(_dump(Bars((("a", 1),))))  # what is loaded at the first use: afterwards no file can be opened
    return paint


def _dump(drawing: Drawing) -> bytes:
    return json.dumps({"kind": type(drawing).__name__, "values": asdict(drawing)}).encode()


def _load(answer: bytes) -> Drawn:
    told = json.loads(answer)
    return Drawn(b64decode(told["png"]), int(told["width"]), int(told["height"]))


if __name__ == "__main__":
    main()
