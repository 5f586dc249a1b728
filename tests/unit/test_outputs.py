"""What `--output` names, what is refused before the job, and what is done to each kind of it."""

import errno
import os
import pty
import socket
import stat
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from gradio_curl.client.destinations import Fill, Kind
from gradio_curl.client.outputs import Output
from gradio_curl.errors import CannotWrite, Failure, Fault, InputError, ReaderGone

CONTENT = b"content\0"
NOBODY = 65534


def filling(content: bytes) -> Fill:
    def fill(file: IO[bytes]) -> None:
        file.write(content)

    return fill


def save(
    output: Output,
    name: str = "a.txt",
    content: bytes = CONTENT,
    fields: Mapping[str, str] | None = None,
    plain_name: str | None = None,
    place: int = 0,
) -> str:
    """Save something; gives the path that is told."""
    return str(output.save(name, filling(content), fields or {}, plain_name, place))


def cannot_write(failure: pytest.ExceptionInfo[CannotWrite]) -> tuple[str, str]:
    return failure.value.message, failure.value.hint


def listed(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@contextmanager
def an_ordinary_user() -> Iterator[None]:
    """As somebody whom modes of files hold off, which does not hold root off.

    Devices are only written so: were the code wrong, root would replace them by files.
    """
    if os.getuid() != 0:
        yield
        return
    os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that an ordinary user reaches, and may write to."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        yield Path(folder)


def stdout_to(path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have stdout go to a file."""
    # Not in a fixture: pytest sets it anew before the test itself.
    monkeypatch.setattr(sys, "stdout", path.open("w"))
    return path


# What is named


def laid_out(folder: Path) -> None:
    (folder / "file").touch()
    (folder / "folder").mkdir()
    (folder / "folder" / "v1.0").mkdir()
    (folder / "link").symlink_to("file")
    (folder / "dangling").symlink_to("folder/made")
    (folder / "folder link").symlink_to("folder")
    (folder / "hard").touch()
    (folder / "hard link").hardlink_to(folder / "hard")
    (folder / "attributes").touch()
    os.setxattr(folder / "attributes", "user.origin", b"here")
    os.mkfifo(folder / "fifo")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("-", Kind.STDOUT),
        ("/dev/null", Kind.NULL),
        ("/dev/full", Kind.DEVICE),
        ("fifo", Kind.DEVICE),
        ("socket", Kind.DEVICE),
        ("new", Kind.NEW),
        ("new.txt", Kind.NEW),
        ("none/new", Kind.NEW),
        ("a{{b}}", Kind.NEW),
        ("file", Kind.FILE),
        ("./file", Kind.FILE),
        ("link", Kind.FILE),
        ("dangling", Kind.NEW),
        ("hard", Kind.IN_PLACE),
        ("hard link", Kind.IN_PLACE),
        ("attributes", Kind.IN_PLACE),
        ("folder", Kind.DIRECTORY),
        ("folder link", Kind.DIRECTORY),
        ("folder/", Kind.DIRECTORY),
        ("none/", Kind.DIRECTORY),
        ("{name}", Kind.TEMPLATE),
        ("folder/{n}.png", Kind.TEMPLATE),
        ("{n}/", Kind.TEMPLATE),
    ],
)
def test_the_kind_of_a_target(
    path: str, kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    laid_out(tmp_path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        assert Output(path).kind is kind


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("out", Kind.DIRECTORY),
        ("out/", Kind.DIRECTORY),
        ("v1.0", Kind.DIRECTORY),
        ("out.d/x.txt", Kind.DIRECTORY),
        ("folder.txt", Kind.DIRECTORY),
        ("{row}.txt", Kind.TEMPLATE),
    ],
)
def test_a_batch_saves_into_a_directory(
    path: str, kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.txt").mkdir()
    assert Output(path, directory=True).kind is kind


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("a.png", "use a.png/, or a template such as 'a-{row}.png'"),
        ("my cat.png", "use 'my cat.png/', or a template such as 'my cat-{row}.png'"),
        ("data.h5", "use data.h5/, or a template such as 'data-{row}.h5'"),
    ],
)
def test_a_batch_does_not_go_into_one_file(path: str, hint: str) -> None:
    with pytest.raises(InputError) as error:
        Output(path, directory=True)
    assert error.value.faults == [Fault(f"--output {path}: a batch saves many files", hint)]


@pytest.mark.parametrize("path", ["/dev/null", "{}/file", "{}/file/", "{}/old.txt"])
def test_a_batch_does_not_go_into_what_is_there_and_not_a_directory(
    path: str, tmp_path: Path
) -> None:
    path = path.format(tmp_path)
    for name in ("file", "old.txt"):
        (tmp_path / name).touch()
    with pytest.raises(InputError) as error:
        Output(path, directory=True)
    hint = "give a directory, or a template such as 'out/{row}.{ext}'"
    told = f"--output {path} is not a directory, and a batch saves many files"
    assert error.value.faults == [Fault(told, hint)]


def test_a_folder_is_made_for_what_goes_there_too(tmp_path: Path) -> None:
    for typed, results, made in (
        ("a", "a/r", True),
        ("b/{row}.png", "b/r", True),
        ("c", "other/r", False),
        ("file/", "r", False),
    ):
        Output(f"{tmp_path}/{typed}", directory=True).make_folder_of(f"{tmp_path}/{results}")
        assert (tmp_path / results).parent.is_dir() is (made or results == "r")
        assert [*tmp_path.glob("**/r")] == []
    (tmp_path / "f").touch()
    output = Output(f"{tmp_path}/f/a", directory=True)
    with pytest.raises(CannotWrite):
        output.make_folder_of(f"{tmp_path}/f/a/r")


def test_a_name_that_can_not_be_had_is_told_before_the_first_file(tmp_path: Path) -> None:
    (tmp_path / "o-1.txt").mkdir()
    output = Output(f"{tmp_path}/o.txt")
    output.check("a.txt", 0)
    output.check("a.txt", 2)
    with pytest.raises(CannotWrite) as error:
        output.check("a.txt", 1)
    assert cannot_write(error) == (f"{tmp_path}/o-1.txt can't be written: is a directory", "")
    Output(f"{tmp_path}/").check("o-1.txt", 1)


def test_an_empty_path_is_refused() -> None:
    with pytest.raises(InputError) as error:
        Output("")
    assert error.value.message == "--output is empty: give a file, a directory or -"


@pytest.mark.parametrize("name", ["/proc/self/fd/{}", "/dev/fd/{}", "link"])
def test_an_open_file_is_written_where_it_is(name: str, tmp_path: Path) -> None:
    with (tmp_path / "file").open("w+b") as file:
        (tmp_path / "link").symlink_to(f"/dev/fd/{file.fileno()}")
        path = tmp_path / name.format(file.fileno())
        output = Output(str(path))
        assert output.kind is Kind.DEVICE
        file.write(b"before ")
        file.flush()
        assert save(output) == str(path)
        file.seek(0)
        assert file.read() == b"before " + CONTENT


def test_stdout_is_known_by_any_of_its_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stdout = stdout_to(tmp_path / "stdout", monkeypatch)
    for path in (stdout, f"/proc/self/fd/{sys.stdout.fileno()}"):
        assert Output(str(path)).kind is Kind.STDOUT


def test_a_stdout_that_is_closed_has_no_other_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = str(stdout_to(tmp_path / "file", monkeypatch))
    closed = sys.stdout
    os.close(closed.fileno())
    assert Output(target).kind is Kind.FILE
    with pytest.raises(OSError, match="Bad file descriptor"):
        closed.close()
    assert Output(target).kind is Kind.FILE
    monkeypatch.setattr(sys, "stdout", None)
    assert Output(target).kind is Kind.FILE


def test_a_file_of_somebody_else_is_written_in_place(shared: Path) -> None:
    (shared / "file").touch()
    with an_ordinary_user():
        is_own = (shared / "file").stat().st_uid == os.getuid()
        assert Output(f"{shared}/file").kind is (Kind.FILE if is_own else Kind.IN_PLACE)
        assert Output("/etc/passwd").kind is Kind.IN_PLACE


@pytest.mark.parametrize(("user", "kind"), [(0, Kind.FILE), (NOBODY - 1, Kind.IN_PLACE)])
def test_root_may_replace_the_files_of_all(
    user: int, kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(os, "geteuid", lambda: user)
    assert Output(f"{tmp_path}/file").kind is kind


@pytest.mark.parametrize(
    ("attributes", "kind"),
    [
        (["security.selinux"], Kind.FILE),
        (["security.selinux", "user.origin"], Kind.IN_PLACE),
        (errno.ENOTSUP, Kind.FILE),
        (errno.ENOSYS, Kind.FILE),
        (errno.EIO, Kind.IN_PLACE),
    ],
)
def test_a_file_is_replaced_where_it_has_no_attributes_to_lose(
    attributes: list[str] | int, kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def listxattr(path: Path) -> list[str]:
        if isinstance(attributes, int):
            raise OSError(attributes, os.strerror(attributes))
        return attributes

    (tmp_path / "file").touch()
    monkeypatch.setattr(os, "listxattr", listxattr)
    assert Output(f"{tmp_path}/file").kind is kind


def test_a_file_in_a_folder_that_is_locked_is_written_in_place(shared: Path) -> None:
    with an_ordinary_user():
        (shared / "sub").mkdir()
        (shared / "sub" / "file").write_text("old")
        assert Output(f"{shared}/sub/file").kind is Kind.FILE
        (shared / "sub").chmod(0o555)
        output = Output(f"{shared}/sub/file")
        assert output.kind is Kind.IN_PLACE
        save(output)
        (shared / "sub").chmod(0o755)
    assert (shared / "sub" / "file").read_bytes() == CONTENT


# What follows from the kind


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("-", {"to_stdout", "takes_one"}),
        ("/dev/null", set()),
        ("/dev/full", {"takes_one"}),
        ("new", set()),
        ("file", set()),
        ("hard", set()),
        ("folder", {"is_directory", "has_many_names"}),
        ("{name}", {"has_many_names"}),
    ],
)
def test_what_fits_into_a_target(
    path: str, expected: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    laid_out(tmp_path)
    output = Output(path)
    names = ("to_stdout", "takes_one", "is_directory", "has_many_names")
    assert {name for name in names if getattr(output, name)} == expected
    assert all(getattr(output, name) in (True, False) for name in names)


@pytest.mark.parametrize(
    ("path", "suffix"),
    [
        ("a.PNG", ".png"),
        ("a.tar.gz", ".gz"),
        ("a", ""),
        (".csv", ""),
        ("{n}.jpg", ".jpg"),
        ("{name}", ""),
        ("{stem}.{ext}", ""),
        ("a.d/", ""),
        ("-", ""),
    ],
)
def test_the_suffix_that_the_path_gives_to_a_file(path: str, suffix: str) -> None:
    assert Output(path).suffix() == suffix


@pytest.mark.parametrize("name", ["old.csv", "hard.csv"])
def test_the_suffix_of_a_file_that_is_there(name: str, tmp_path: Path) -> None:
    (tmp_path / "old.csv").touch()
    (tmp_path / "hard.csv").touch()
    (tmp_path / "b").hardlink_to(tmp_path / "hard.csv")
    assert Output(f"{tmp_path}/{name}").suffix() == ".csv"


def test_the_suffix_of_a_directory_or_a_device_is_not_one_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.d").mkdir()
    os.mkfifo(tmp_path / "b.png")
    assert (Output(f"{tmp_path}/a.d").suffix(), Output(f"{tmp_path}/b.png").suffix()) == ("", "")


@pytest.mark.parametrize(
    ("output", "path", "holds"),
    [
        ("out", "out/0-a.txt", True),
        ("out/", "./out/0-a.txt", True),
        ("./x/../out", "out/0-a.txt", True),
        ("out", f"{Path.cwd()}/out/0-a.txt", True),
        ("out", "out/x/0-a.txt", False),
        ("out", "other/0-a.txt", False),
        ("out/{row:03}/{name}", "out/001/a.txt", True),
        ("out/{row:03}/{name}", "out/a.txt", False),
        ("{text}/", "a cat/a.txt", True),
        ("{name}", "a.txt", True),
        ("{name}", "out/a.txt", False),
        ("o{{n}}/{name}", "o{n}/a.txt", True),
    ],
)
def test_a_batch_knows_its_folders(output: str, path: str, holds: bool) -> None:
    saver = Output(output, directory=True)
    assert saver.holds(path) is holds
    named = str(Path(output) / Path(path).name) if saver.is_directory else None
    assert saver.place_of(path) == (path if holds else named)


# Refused before the job


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("none/new", "no such directory"),
        ("file/new", "not a directory"),
        ("file/", "not a directory"),
        ("file/{name}", "not a directory"),
        ("file/{n}/{name}", "not a directory"),
        ("loop", "too many levels of symbolic links"),
        ("x" * 300, "file name too long"),
    ],
)
def test_what_can_not_be_written_is_told_before_the_job(
    path: str, reason: str, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(CannotWrite) as error:
        Output(f"{tmp_path}/{path}").prepare()
    assert cannot_write(error) == (f"{tmp_path}/{path} can't be written: {reason}", "")


@pytest.mark.parametrize(
    "path",
    [
        "locked/f",
        "file",
        "new",
        "new/",
        "new/{name}",
        "a/b/{name}",
        "{name}",
        "{n}/x/{name}",
        "hard",
    ],
)
def test_what_may_not_be_written_is_told_before_the_job(path: str, shared: Path) -> None:
    with an_ordinary_user():
        for name in ("file", "hard"):
            (shared / name).write_text("old")
            (shared / name).chmod(0o444)
        (shared / "link").hardlink_to(shared / "hard")
        (shared / "locked").mkdir(mode=0)
    shared.chmod(0o555)
    with pytest.raises(CannotWrite) as error, an_ordinary_user():
        Output(f"{shared}/{path}").prepare()
    shared.chmod(0o777)
    assert cannot_write(error) == (f"{shared}/{path} can't be written: permission denied", "")


def test_an_open_file_is_told_before_the_job_where_it_is_only_read(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (tmp_path / "file").open("rb") as read, (tmp_path / "file").open("ab") as written:
        (tmp_path / "file").chmod(0o444)
        Output(f"/dev/fd/{written.fileno()}").prepare()
        output = Output(path := f"/dev/fd/{read.fileno()}")
        with pytest.raises(CannotWrite) as error:
            output.prepare()
        assert cannot_write(error) == (f"{path} can't be written: permission denied", "")
    for closed in (path, path.replace("/dev", "/proc/self")):
        with pytest.raises(CannotWrite) as error:
            Output(closed)
        assert cannot_write(error) == (f"{closed} can't be written: bad file descriptor", "")


@pytest.mark.parametrize(
    "path",
    ["new", "file", "hard", "folder", "none/", "a/b/c/", "none/{n}/{name}", "{n}", "fifo", "-"],
)
def test_what_can_be_written_is_not_touched_before_the_job(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    laid_out(tmp_path)
    before = listed(tmp_path)
    Output(path).prepare(files=1)
    assert listed(tmp_path) == before


def test_a_file_called_as_a_field_is_not_in_the_way_of_a_template(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "{n}").touch()
    Output("{n}/{name}").prepare()


def test_a_closed_stdout_is_told_before_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(CannotWrite) as error:
        Output("-").prepare()
    assert cannot_write(error) == ("stdout can't be written: it is closed", "")


@pytest.mark.parametrize("path", ["-", "/dev/full", "/dev/fd/{}"])
def test_several_files_are_refused_where_one_fits(path: str, tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb") as file:
        path = path.format(file.fileno())
        Output(path).prepare(files=1)
        with pytest.raises(InputError) as error:
            Output(path).prepare(files=2)
    assert error.value.message == (
        f"the endpoint returns 2 files, --output {path} takes one: give a directory"
    )


@pytest.mark.parametrize("path", ["/dev/null", "new", "out/", "{name}"])
def test_several_files_are_taken_elsewhere(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Output(path).prepare(files=2)


def test_a_field_that_nothing_fills_is_told_before_the_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Output("{prompt}.txt").prepare(["prompt"])
    with pytest.raises(InputError) as error:
        Output("{prompt}.txt").prepare()
    assert error.value.faults == [
        Fault(
            "--output '{prompt}.txt' does not have the field {prompt}",
            "the fields are ext, n, name, stem",
        )
    ]


# Saved


def test_a_new_file_has_the_name_that_was_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    output = Output("a{{1}}.bin")
    assert output.used is False
    assert save(output, "other.txt") == "a{1}.bin"
    assert output.used
    assert (tmp_path / "a{1}.bin").read_bytes() == CONTENT
    assert listed(tmp_path) == ["a{1}.bin"]


def test_a_new_file_has_the_mode_that_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        save(Output(f"{tmp_path}/new"))
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o666, 0o4755])
def test_an_existing_file_is_replaced_and_keeps_its_mode(mode: int, tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_text("old, and longer than the new one")
    target.chmod(mode)
    before = target.stat().st_ino
    assert save(Output(str(target))) == str(target)
    assert (target.read_bytes(), stat.S_IMODE(target.stat().st_mode)) == (CONTENT, mode)
    assert target.stat().st_ino != before, "not written in place: a reader sees all or nothing"
    assert listed(tmp_path) == ["file"]


def test_an_existing_file_of_somebody_else_keeps_its_owner_where_it_can(shared: Path) -> None:
    target = shared / "file"
    with an_ordinary_user():
        target.write_text("old")
    owner = target.stat().st_uid, target.stat().st_gid
    output = Output(str(target))
    assert output.kind is Kind.FILE
    save(output)
    assert (target.stat().st_uid, target.stat().st_gid) == owner


def test_a_folder_that_is_locked_meanwhile_does_not_lose_the_result(shared: Path) -> None:
    with an_ordinary_user():
        (shared / "sub").mkdir()
        target = shared / "sub" / "file"
        target.write_text("old, and longer than the new one")
        output = Output(str(target))

        def fill(file: IO[bytes]) -> None:
            file.write(CONTENT)
            (shared / "sub").chmod(0o555)

        assert output.save("a.txt", fill, {}) == target
        (shared / "sub").chmod(0o755)
    assert target.read_bytes() == CONTENT
    assert listed(shared) == ["sub", "sub/file"]


def test_links_are_written_through(tmp_path: Path) -> None:
    laid_out(tmp_path)
    for link, real in (("link", "file"), ("dangling", "folder/made"), ("hard link", "hard")):
        assert save(Output(f"{tmp_path}/{link}")) == f"{tmp_path}/{link}"
        assert (tmp_path / real).read_bytes() == CONTENT
        assert (tmp_path / link).is_symlink() or (tmp_path / link).samefile(tmp_path / real)


def test_a_file_written_in_place_has_nothing_of_the_old_one(tmp_path: Path) -> None:
    laid_out(tmp_path)
    (tmp_path / "attributes").write_text("old, and longer than the new one")
    save(Output(f"{tmp_path}/attributes"))
    assert (tmp_path / "attributes").read_bytes() == CONTENT
    assert os.getxattr(tmp_path / "attributes", "user.origin") == b"here"


def test_a_fifo_gets_all_of_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    reader = os.open(tmp_path / "fifo", os.O_RDONLY | os.O_NONBLOCK)
    assert save(Output(f"{tmp_path}/fifo")) == f"{tmp_path}/fifo"
    assert os.read(reader, 100) == CONTENT
    os.close(reader)


def test_a_device_that_is_full_is_told() -> None:
    with pytest.raises(CannotWrite) as error, an_ordinary_user():
        save(Output("/dev/full"))
    assert cannot_write(error) == ("/dev/full can't be written: no space left on device", "")


def test_the_null_device_takes_any_number_of_files() -> None:
    with an_ordinary_user():
        output = Output("/dev/null")
        assert [save(output), save(output)] == ["/dev/null", "/dev/null"]


@pytest.mark.parametrize("path", ["new.txt", "file.txt", "hard.txt"])
def test_a_second_file_is_put_beside_the_first(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file.txt").touch()
    (tmp_path / "hard.txt").touch()
    (tmp_path / "other").hardlink_to("hard.txt")
    stem = path.removesuffix(".txt")
    names = [f"{stem}.txt", f"{stem}-1.txt", f"{stem}-2.csv"]
    (tmp_path / names[1]).write_text("of the run before")
    contents = [b"first", b"second", b"third"]
    own = ["a.txt", "b.TXT", "c.csv"]
    output = Output(path)
    places = [
        save(output, f"0-{name}", content, plain_name=name, place=place)
        for place, (name, content) in enumerate(zip(own, contents, strict=True))
    ]
    assert places == names
    assert [(tmp_path / name).read_bytes() for name in names] == contents


def test_a_second_file_is_put_beside_a_link_and_not_where_it_leads(tmp_path: Path) -> None:
    laid_out(tmp_path)
    output = Output(f"{tmp_path}/dangling")
    assert [save(output), save(output, place=1)] == [
        f"{tmp_path}/dangling",
        f"{tmp_path}/dangling-1",
    ]
    assert (tmp_path / "dangling-1").read_bytes() == CONTENT
    assert not (tmp_path / "folder" / "made-1").exists()


def test_a_second_file_does_not_take_the_place_of_a_directory(tmp_path: Path) -> None:
    (tmp_path / "a-1.txt").mkdir()
    with pytest.raises(CannotWrite, match=r"a-1\.txt can't be written: is a directory"):
        save(Output(f"{tmp_path}/a.txt"), place=1)


@pytest.mark.parametrize(
    ("typed", "name", "path"),
    [
        ("a.png", "b.webp", "a-1.png"),
        ("a.png", "b.wav", "a-1.wav"),
        ("a.txt", "b", "a-1"),
        ("a", "b.png", "a-1"),
        ("x/a.b.txt", "b.txt", "x/a.b-1.txt"),
        ("{n}.txt", "b.png", "{n}.txt"),
        ("a/", "b.png", "a/"),
    ],
)
def test_the_name_of_a_second_file(typed: str, name: str, path: str) -> None:
    output = Output(typed)
    assert output.path_of(1, name) == path
    assert output.path_of(0, name) == typed
    assert output.suffix(1, name) == ("" if path == "a/" else Path(path).suffix)


def test_files_in_a_directory_have_their_own_names_and_replace_none(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "here"
    output = Output(f"{folder}/")
    contents = [b"first", b"second", b"third"]
    told = [save(output, "a.tar.gz", content, plain_name="unused") for content in contents]
    assert told == [f"{folder}/{name}" for name in ("a.tar.gz", "a.tar-1.gz", "a.tar-2.gz")]
    assert [Path(path).read_bytes() for path in told] == contents
    assert output.used


def test_a_template_is_filled_with_the_plain_name_and_the_fields(tmp_path: Path) -> None:
    output = Output(f"{tmp_path}/{{row:03}}/{{stem}}-{{prompt}}.{{ext}}")
    told = [
        save(output, "7-a.png", plain_name="a.png", fields={"row": "7", "prompt": "x/y"}),
        save(output, "a.png", fields={"row": "7", "prompt": "x/y"}),
    ]
    assert told == [f"{tmp_path}/007/a-x_y.png", f"{tmp_path}/007/a-x_y-1.png"]


@pytest.mark.parametrize(("batch", "synced"), [(True, [CONTENT]), (False, [])])
@pytest.mark.parametrize("path", ["out/", "out/{name}"])
def test_a_file_of_a_batch_is_on_the_disk_before_it_has_its_name(
    batch: bool, synced: list[bytes], path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[bytes] = []

    def fdatasync(descriptor: int) -> None:
        assert list((tmp_path / "out").glob("*.txt")) == []
        told.append(os.pread(descriptor, 100, 0))

    monkeypatch.setattr(os, "fdatasync", fdatasync, raising=False)
    save(Output(f"{tmp_path}/{path}", directory=batch))
    assert told == synced


@pytest.mark.parametrize(("number", "fails"), [(errno.EINVAL, False), (errno.EIO, True)])
def test_a_disk_that_fails_is_told_and_one_that_can_not_sync_is_used(
    number: int, fails: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fdatasync(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fdatasync", fdatasync, raising=False)
    output = Output(f"{tmp_path}/out", directory=True)
    if not fails:
        assert Path(save(output)).read_bytes() == CONTENT
    else:
        with pytest.raises(CannotWrite, match="put error"):
            save(output)
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", ["new", "file", "hard", "folder/", "folder/{name}", "fifo"])
def test_nothing_is_changed_where_the_content_can_not_be_had(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    laid_out(tmp_path)
    (tmp_path / "file").write_text("old")
    (tmp_path / "hard").write_text("old")
    before = listed(tmp_path)
    output = Output(path)

    def fill(file: IO[bytes]) -> None:
        file.write(b"a part")
        raise Failure("the app went away")

    with pytest.raises(Failure, match="the app went away"):
        output.save("a.txt", fill, {})
    assert not output.used
    assert listed(tmp_path) == before
    assert (tmp_path / "file").read_text() == (tmp_path / "hard").read_text() == "old"


def test_what_fails_while_it_is_saved_is_told_with_its_place(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    output = Output(f"{folder}/")
    folder.touch()
    with pytest.raises(CannotWrite) as error:
        save(output)
    assert cannot_write(error) == (f"{folder}/a.txt can't be written: not a directory", "")
    gone = Output(f"{tmp_path}/sub/new")
    with pytest.raises(CannotWrite) as error:
        save(gone)
    assert cannot_write(error) == (
        f"{tmp_path}/sub/new can't be written: no such file or directory",
        "",
    )


def test_a_fill_may_begin_anew(tmp_path: Path) -> None:
    def fill(file: IO[bytes]) -> None:
        file.write(b"a first attempt, which broke off")
        file.seek(0)
        file.truncate()
        file.write(CONTENT)

    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "fifo")
    reader = os.open(tmp_path / "fifo", os.O_RDONLY | os.O_NONBLOCK)
    for name in ("new", "file", "fifo"):
        Output(f"{tmp_path}/{name}").save("a.txt", fill, {})
    assert [(tmp_path / name).read_bytes() for name in ("new", "file")] == [CONTENT] * 2
    assert os.read(reader, 100) == CONTENT
    os.close(reader)


@pytest.mark.parametrize("path", ["new", "file", "out/", "out/{name}"])
def test_rests_of_killed_processes_are_swept_away(path: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "out").mkdir()
    for folder in (tmp_path, tmp_path / "out"):
        (folder / ".gradio-curl-0123").write_text("a part")
    target = Path(save(Output(f"{tmp_path}/{path}")))
    assert not list(target.parent.glob(".gradio-curl-*"))
    assert target.read_bytes() == CONTENT


def test_nothing_is_swept_beside_a_device(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / ".gradio-curl-0123").touch()
    reader = os.open(tmp_path / "fifo", os.O_RDONLY | os.O_NONBLOCK)
    save(Output(f"{tmp_path}/fifo"))
    os.close(reader)
    assert listed(tmp_path) == [".gradio-curl-0123", "fifo"]


# Stdout and terminals


def test_stdout_gets_the_bytes_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stdout = stdout_to(tmp_path / "stdout", monkeypatch)
    output = Output("-")
    assert save(output) == "-"
    assert stdout.read_bytes() == CONTENT
    assert output.used


def test_a_reader_of_stdout_that_went_away_ends_the_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    pipe = open(writer, "w")  # noqa: PTH123, SIM115
    monkeypatch.setattr(sys, "stdout", pipe)
    with pytest.raises(ReaderGone):
        save(Output("-"))
    monkeypatch.undo()
    with pytest.raises(BrokenPipeError):
        pipe.close()


def test_a_stdout_that_is_full_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    full = open("/dev/full", "w")  # noqa: PTH123, SIM115
    monkeypatch.setattr(sys, "stdout", full)
    with pytest.raises(CannotWrite) as error:
        save(Output("-"))
    assert cannot_write(error) == ("stdout can't be written: no space left on device", "")
    with pytest.raises(OSError, match="No space"):
        full.close()


TEXT = b"a \tb\r\n\x0c\xc3\xa9\x7f"


@pytest.mark.parametrize(
    ("content", "is_shown"),
    [
        (TEXT, True),
        (b"", True),
        pytest.param(b"x" * 2000 + b"\0", True, id="after 2000"),
        pytest.param(b"x" * 1999 + b"\0", False, id="within 2000"),
        (b"\x1b]0;title\x07", False),
        (b"\x1f", False),
        (b"\0", False),
        (b"\x0b", False),
    ],
)
@pytest.mark.parametrize("by", ["stdout", "device"])
def test_binary_is_not_written_to_a_terminal(
    content: bytes, is_shown: bool, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = raw_terminal()
    terminal = open(theirs, "w")  # noqa: PTH123, SIM115
    if by == "stdout":
        monkeypatch.setattr(sys, "stdout", terminal)
    output = Output("-" if by == "stdout" else os.ttyname(theirs))
    if is_shown:
        save(output, content=content)
        terminal.write("end")
        terminal.flush()
        shown = b""
        while not shown.endswith(b"end"):
            shown += os.read(ours, 4096)
        assert shown == content + b"end"
    else:
        with pytest.raises(CannotWrite) as error:
            save(output, content=content)
        assert cannot_write(error) == (
            "binary output is not written to a terminal",
            "use -o FILE, or a pipe",
        )
    terminal.close()
    os.close(ours)


def raw_terminal() -> tuple[int, int]:
    """Both ends of a terminal that shows bytes as they are."""
    import tty

    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    return ours, theirs


def test_binary_goes_anywhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stdout = stdout_to(tmp_path / "stdout", monkeypatch)
    content = bytes(range(256))
    save(Output("-"), content=content)
    save(Output(f"{tmp_path}/new"), content=content)
    assert stdout.read_bytes() == (tmp_path / "new").read_bytes() == content
