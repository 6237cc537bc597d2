import subprocess
import sys
import types

import pytest

import greenroom
from greenroom import browser


def test_builders_say_where_they_are_available():
    with pytest.raises(ImportError, match="greenroom run"):
        from greenroom import Experiment  # noqa: F401


def test_an_unknown_name_is_an_ordinary_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        greenroom.Nothing


def test_the_builders_are_those_of_the_embedding_interpreter(monkeypatch):
    builtin = types.ModuleType("_greenroom")
    builtin.Experiment = type("Experiment", (), {})
    monkeypatch.setitem(sys.modules, "_greenroom", builtin)
    saved = sys.modules.pop("greenroom")
    try:
        from greenroom import Experiment

        assert Experiment is builtin.Experiment
    finally:
        sys.modules["greenroom"] = saved


def test_imports_without_numpy():
    program = "import sys; sys.modules['numpy'] = None\nimport greenroom.engine, greenroom.rollback, greenroom.hashing"
    subprocess.run([sys.executable, "-c", program], check=True, env={"PYTHONPATH": ":".join(sys.path)})


def test_prepare_makes_gymnasium_importable_where_processes_are_missing(monkeypatch):
    monkeypatch.delitem(sys.modules, "_multiprocessing", raising=False)
    browser.prepare("emscripten")
    module = sys.modules.pop("_multiprocessing")
    assert module.SemLock.SEM_VALUE_MAX > 0
    with pytest.raises(OSError, match="not available in the browser"):
        module.SemLock()


def test_prepare_leaves_native_python_alone(monkeypatch):
    monkeypatch.delitem(sys.modules, "_multiprocessing", raising=False)
    browser.prepare("linux")
    assert "_multiprocessing" not in sys.modules
