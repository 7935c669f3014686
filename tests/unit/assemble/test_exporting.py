"""What is exported gives the samples of the generator that it was exported from."""

import importlib.util
import io
import json
import runpy
import sys

import pytest
import torch
from helpers.runs import SMALL, play, prepared

import gan_zoo
from gan_zoo import checkpoint
from gan_zoo.assemble import safetensors_file
from gan_zoo.assemble.export_options import SUFFIXES, read_options
from gan_zoo.assemble.exporting import main
from gan_zoo.assemble.load import find_checkpoint, load_trained
from gan_zoo.callbacks.checkpoints import contents
from gan_zoo.draws import Draws
from gan_zoo.errors import UserError
from gan_zoo.networks.base import draw_latents

CASES = {
    "mlp": (), "dcgan": (), "resnet": ("stabilizer=[ema]",), "cgan": (), "acgan": (),
    "pggan": ("stabilizer=[ema]",),  # stands in the middle of a fade
}  # fmt: skip


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Return the folder of a run of a model, of a few steps."""
    made = {}

    def run(model):
        if model not in made:
            folder = tmp_path_factory.mktemp(model)
            module, loader, _ = prepared(model, *CASES[model], run_dir=folder)
            play(module, loader, 4 if model == "pggan" else 2)
            checkpoint.save(folder / "checkpoints" / "last.ckpt", contents(module))
            made[model] = folder
        return made[model]

    return run


def inputs(generator, n):
    """Latents and labels as `sample` draws them."""
    latents = draw_latents(Draws(5), n, generator.latent_dim, "sample", prior=generator.latent_prior)
    return (latents, torch.arange(n) % generator.classes) if generator.classes else (latents,)


def test_every_small_model_is_tried():
    assert set(CASES) == set(SMALL)


@pytest.mark.parametrize("model", CASES)
def test_safetensors_load_back_in_two_lines(runs, tmp_path, model, capsys):
    pytest.importorskip("safetensors")
    file = tmp_path / "generator.safetensors"
    main([f"run={runs(model)}", f"out={file}"])
    assert f": {file}" in capsys.readouterr().out
    expected = gan_zoo.load(runs(model)).sample(5, seed=3)
    generator = gan_zoo.load(file)
    assert torch.equal(generator.sample(5, seed=3), expected)
    about = load_trained(file).about
    assert about == json.loads(json.dumps(load_trained(runs(model)).about))


@pytest.mark.parametrize("model", CASES)
def test_a_torch_program_gives_the_same_samples(runs, tmp_path, model):
    file = tmp_path / "generator.pt2"
    main([f"run={runs(model)}", "format=torch_export", f"out={file}"])
    generator = gan_zoo.load(runs(model))
    extra = {"gan_zoo": ""}
    program = torch.export.load(io.BytesIO(file.read_bytes()), extra_files=extra).module()
    for n in (1, 2, 7):
        torch.testing.assert_close(program(*inputs(generator, n)), generator.sample(n, seed=5))
    assert json.loads(extra["gan_zoo"])["images"] == load_trained(runs(model)).images


@pytest.mark.parametrize("model", CASES)
def test_onnx_gives_the_same_samples(runs, tmp_path, model):
    pytest.importorskip("onnxscript")
    onnx = pytest.importorskip("onnx")
    from onnx.reference import ReferenceEvaluator

    file = tmp_path / "generator.onnx"
    main([f"run={runs(model)}", "format=onnx", f"out={file}"])
    made = onnx.load(file)
    onnx.checker.check_model(made)
    assert {each.key for each in made.metadata_props} >= {"gan_zoo"}
    generator = gan_zoo.load(runs(model))
    session = ReferenceEvaluator(made)
    for n in (1, 4):
        given = dict(
            zip(("latents", "labels"), (each.numpy() for each in inputs(generator, n)), strict=False)
        )
        (samples,) = session.run(None, given)
        torch.testing.assert_close(
            torch.from_numpy(samples), generator.sample(n, seed=5), rtol=1e-4, atol=1e-5
        )


@pytest.mark.parametrize(
    ("package", "kind", "message"),
    [("safetensors", "safetensors", "need the package"), ("onnxscript", "onnx", "needs the package")],
)
def test_a_missing_package_is_named(runs, tmp_path, monkeypatch, package, kind, message):
    monkeypatch.setitem(sys.modules, package, None)
    if importlib.util.find_spec("onnx") is None:
        monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(UserError, match=rf"{message}.*pip install 'gan-zoo\[export\]'"):
        main([f"run={runs('mlp')}", f"format={kind}", f"out={tmp_path}/a{SUFFIXES[kind]}"])
    assert list(tmp_path.iterdir()) == []


def test_where_it_goes_unless_told(runs):
    main([f"run={runs('mlp')}", "format=torch_export"])
    (made,) = (runs("mlp") / "exported").iterdir()
    assert made.name == f"{checkpoint.image_name(load_trained(runs('mlp')).images)}.pt2"
    with pytest.raises(UserError, match="overwrite=true"):
        main([f"run={runs('mlp')}", "format=torch_export"])
    main([f"run={runs('mlp')}", "format=torch_export", "overwrite=true"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["format=onnx"], "Which run"), (["run=a"], "Which format"),
        (["run=a", "format=onx"], "Did you mean 'onnx'"),
        (["run=a", "fromat=onnx"], "Did you mean 'format'"), (["run=a", "x"], "key=value"),
        (["run=a", "format=onnx", "out=a.pt2"], r"does not end in \.onnx"), (["run=a", "run=b"], "twice"),
        (["run=a", "out=a.pt2", "overwrite=maybe"], "true or false"), (["run=no", "format=onnx"], "no run"),
    ],
)  # fmt: skip
def test_mistakes(arguments, message):
    with pytest.raises(UserError, match=message):
        main(arguments)


def test_the_format_follows_the_name():
    assert read_options(["run=a", "out=b.ONNX"]).format == "onnx"


def test_files_that_are_no_export_of_ours(tmp_path):
    safetensors = pytest.importorskip("safetensors.torch")
    file = tmp_path / "a.safetensors"
    for content, message in (
        (b"nothing", "damaged or no safetensors"),
        (safetensors.save({"a": torch.zeros(1)}), "not exported by gan_zoo"),
        (safetensors.save({"a": torch.zeros(1)}, {"gan_zoo": '{"format": 9}'}), "export format 9"),
    ):
        file.write_bytes(content)
        with pytest.raises(UserError, match=message):
            safetensors_file.read(file)


def test_the_script(runs, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["scripts/export.py", f"run={runs('mlp')}", f"out={tmp_path / 'a.pt2'}"])
    script = gan_zoo.__path__[0] + "/../scripts/export.py"
    with pytest.raises(SystemExit, match="0"):
        runpy.run_path(script, run_name="__main__")
    assert (tmp_path / "a.pt2").exists()
    monkeypatch.setattr(sys, "argv", ["scripts/export.py", "help"])
    with pytest.raises(SystemExit, match="0"):
        runpy.run_path(script, run_name="__main__")
    assert "usage: python scripts/export.py run=DIR" in capsys.readouterr().out


def test_a_directory_means_its_newest_good_checkpoint(runs, tmp_path, capsys):
    saved = checkpoint.load(runs("mlp") / "checkpoints" / "last.ckpt")
    for images in (16, 24):
        checkpoint.save(
            tmp_path / "checkpoints" / f"{checkpoint.image_name(images)}.ckpt", {**saved, "images": images}
        )
    (tmp_path / "checkpoints" / "last.ckpt").write_bytes(b"PK\x03\x04 half")
    assert find_checkpoint(tmp_path).name == "000000.024kimg.ckpt"
    assert "Passed over" in capsys.readouterr().err
    assert find_checkpoint(tmp_path / "checkpoints").name == "000000.024kimg.ckpt"
