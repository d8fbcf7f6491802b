"""What was said by command belongs to a desk and goes into its backup."""

from datetime import date
from pathlib import Path

from tests.app.quick_desks import NOW, quick_desk
from triagebot.app.desk.modes import set_mode
from triagebot.app.desk.view import load_view
from triagebot.app.safety.backup import back_up
from triagebot.app.safety.restore import restore
from triagebot.core.desk import Absence
from triagebot.edge.absences import write_absences
from triagebot.edge.keys import load_key


def test_modes_and_absences_are_restored(tmp_path: Path) -> None:
    """A desk that was told to be live, and that its developer is away, is so again after a loss."""
    with quick_desk(tmp_path / "desk", mode="shadow") as desk:
        load_key(desk.snapshot.data / "key")
        set_mode(desk.snapshot, "live", "", "by mail", NOW)
        away = Absence(date(2026, 12, 24), date(2026, 12, 31), "Christmas")
        write_absences(desk.snapshot.data, [away])
        view, _ = load_view(desk.config, NOW)
        assert view is not None
        back_up(view, desk.config, tmp_path / "backup.tar.gz", NOW)
        restore(tmp_path / "backup.tar.gz", tmp_path / "new", NOW)
        again, problems = load_view(tmp_path / "new" / desk.config.name, NOW)
        assert again is not None, problems
        assert again.desk.desk.mode == "live"
        assert again.modes == view.modes
        assert again.desk.support_hour.absences == (away,)
