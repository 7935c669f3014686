"""From a checkpoint to pictures and arrays, with no data set at hand, through the real builder."""

import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from hydra import compose, initialize_config_dir
from PIL import Image

import gan_zoo
from gan_zoo import checkpoint, pictures
from gan_zoo.assemble.build import build_game
from gan_zoo.assemble.load import find_checkpoint, load_trained
from gan_zoo.assemble.resolve import resolve
from gan_zoo.assemble.sample_files import class_folders
from gan_zoo.assemble.sample_options import HELP, READERS, read_options
from gan_zoo.assemble.sampling import main
from gan_zoo.callbacks.checkpoints import contents
from gan_zoo.cli.train import RunConfig  # also registers what the configuration needs
from gan_zoo.data.base import Dataset, Samples
from gan_zoo.errors import UserError
from gan_zoo.types import DataSpec

ROOT = Path(__file__).resolve().parents[2]
IMAGES = DataSpec("folder", (1, 16, 16), 3, ("cat", "dog", "owl"))
POINTS = DataSpec("ring", (2,), scale=2.0)


def save_run(folder: Path, spec: DataSpec, *arguments: str) -> Path:
    """Write the checkpoint of a run that has just begun."""
    with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
        config = RunConfig.from_hydra(compose("train", list(arguments)), arguments, run_dir=str(folder))
    plain = resolve(config.to_plain(), spec).config
    game = build_game(plain, spec)
    game.start()
    game.images = 5_000
    samples = Samples(torch.zeros(1, *spec.shape))
    dataset = Dataset(spec, samples, samples, "f" * 64)
    parts = {"game": game, "config": plain, "dataset": dataset, "device": torch.device("cpu")}
    module = type("Module", (), parts)()
    checkpoint.save(folder / "checkpoints" / "last.ckpt", contents(module))
    return folder


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("outputs")
    small = ["model.generator.width=4", "model.discriminator.width=4"]
    return {
        "dcgan": save_run(folder / "dcgan", IMAGES, "model=dcgan", *small),
        "cgan": save_run(folder / "cgan", IMAGES, "model=cgan", *small),
        "pggan": save_run(folder / "pggan", IMAGES, "model=pggan", "loss=wgangp"),
        "mlp": save_run(folder / "mlp", POINTS, "model=mlp", "data=ring"),
    }


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture)


def test_two_lines_of_python(runs):
    generator = gan_zoo.load(runs["dcgan"])
    images = generator.sample(5, seed=1)
    assert images.shape == (5, 1, 16, 16)
    assert not any(module.training for module in generator.modules())
    assert not any(parameter.requires_grad for parameter in generator.parameters())
    assert torch.equal(images, gan_zoo.load(runs["dcgan"] / "checkpoints" / "last.ckpt").sample(5, seed=1))


def test_averaged_weights_are_preferred(runs):
    saved = checkpoint.load(runs["dcgan"] / "checkpoints" / "last.ckpt")
    (average,) = [state for state in saved["game"]["stabilizers"].values() if "generator" in state]
    for tensor in average["generator"].values():
        tensor.zero_()
    path = runs["dcgan"] / "zeroed.ckpt"
    checkpoint.save(path, saved)
    assert all((parameter == 0.0).all() for parameter in gan_zoo.load(path).parameters())


def test_a_growing_generator_samples_at_its_level(runs):
    trained = load_trained(runs["pggan"])
    assert trained.generator.sample(2).shape[2] < 16
    assert trained.generator.sample(2, level=len(trained.generator.levels) - 1, fade=1.0).shape[2] == 16


def test_importing_the_package_and_the_help_need_no_torch():
    code = (
        "import sys, gan_zoo; from gan_zoo.assemble.sampling import main; main(['--help']);"
        "sys.exit('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "gan-zoo sample run=DIR" in done.stdout
    assert all(f"  {key}=" in HELP for key in READERS)


def test_the_script_reports_mistakes_with_exit_code_2(tmp_path):
    command = [sys.executable, str(ROOT / "scripts" / "sample.py"), "run=latest", "seeed=1"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: Unknown option 'seeed'. Did you mean 'seed'?")


def test_arrays_are_what_python_gives_whatever_the_batches(runs, tmp_path, monkeypatch):
    from gan_zoo.assemble import sample_files

    monkeypatch.setattr(sample_files, "BATCH", 3)
    main([f"run={runs['cgan']}", "n=8", "seed=4", f"out={tmp_path}/a.npy"])
    array = np.load(tmp_path / "a.npy")
    expected = pictures.to_uint8(gan_zoo.load(runs["cgan"]).sample(8, seed=4)).permute(0, 2, 3, 1).numpy()
    assert (array.shape, array.dtype) == ((8, 16, 16, 1), np.uint8)
    assert np.abs(array.astype(int) - expected).max() <= 1


def test_vectors_come_in_data_units(runs, tmp_path):
    main([f"run={runs['mlp']}", "n=7", "seed=4", f"out={tmp_path}/a.npy"])
    array = np.load(tmp_path / "a.npy")
    assert (array.shape, array.dtype) == ((7, 2), np.float32)
    assert np.allclose(array, gan_zoo.load(runs["mlp"]).sample(7, seed=4).numpy() * 2.0, atol=1e-6)


def test_a_zip_has_a_folder_per_class_and_the_same_bytes_twice(runs, tmp_path):
    for name in ("a", "b"):
        main([f"run={runs['cgan']}", "n=4", f"out={tmp_path}/{name}.zip"])
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.namelist() == ["cat/000000.png", "dog/000001.png", "owl/000002.png", "cat/000003.png"]
        assert archive.read("dog/000001.png").startswith(b"\x89PNG")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


@pytest.mark.parametrize("label", ["1", "dog"])
def test_a_class_by_number_or_name(runs, tmp_path, label):
    main([f"run={runs['cgan']}", "n=3", "seed=2", f"label={label}", f"out={tmp_path}/a.npy"])
    expected = pictures.to_uint8(gan_zoo.load(runs["cgan"]).sample(3, seed=2, label=1)).permute(0, 2, 3, 1)
    assert np.abs(np.load(tmp_path / "a.npy").astype(int) - expected.numpy()).max() <= 1


@pytest.mark.parametrize("run", ["dcgan", "cgan", "pggan", "mlp"])
def test_a_picture_appears_in_the_run_directory(runs, run, capsys):
    main([f"run={runs[run]}", "n=6", "overwrite=true"])
    (path,) = (runs[run] / "generated").glob("000005.000kimg-samples-n6-seed0.png")
    assert capsys.readouterr().out.rstrip().endswith(str(path))
    assert min(pixels(path).shape[:2]) > 64


def test_interpolation_starts_at_a_sample_and_keeps_its_class(runs, tmp_path):
    main([f"run={runs['cgan']}", "n=12", "columns=6", "interpolation=true", f"out={tmp_path}/a.png"])
    grid = pixels(tmp_path / "a.png")
    assert grid.shape == (2 * 66 + 2, 6 * 66 + 2, 3)
    starts = pictures.to_uint8(gan_zoo.load(runs["cgan"]).sample(4))[
        :2, 0
    ].numpy()  # rows have classes 0 and 1
    for row, start in enumerate(starts):
        cell = grid[row * 66 + 2 : row * 66 + 66 : 4, 2:66:4, 0]
        assert np.abs(cell.astype(int) - start).max() <= 1


def test_nothing_is_overwritten_unless_asked(runs, tmp_path):
    out = tmp_path / "a.png"
    out.write_text("mine")
    with pytest.raises(UserError, match="overwrite=true"):
        main([f"run={runs['dcgan']}", f"out={out}"])
    assert out.read_text() == "mine"
    main([f"run={runs['dcgan']}", f"out={out}", "n=1", "overwrite=true"])
    assert pixels(out).shape == (68, 68, 3)


@pytest.mark.parametrize(
    ("run", "arguments", "message"),
    [
        ("cgan", ["label=bird"], "0 to 2, or a name: cat, dog, owl"),
        ("cgan", ["label=3"], "not a class"),
        ("dcgan", ["label=1"], "knows no classes"),
        ("mlp", ["format=zip"], "format=npy"),
        ("mlp", ["interpolation=true"], "generator of images"),
        ("dcgan", ["device=abacus"], "device=cpu"),
        ("dcgan", ["n=100000"], "format=zip"),
    ],
)
def test_options_that_do_not_fit_the_run(runs, tmp_path, run, arguments, message):
    out = [] if "format=zip" in arguments else [f"out={tmp_path}/a.png"]
    with pytest.raises(UserError, match=message):
        main([f"run={runs[run]}", *arguments, *out])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Which run"),
        (["outputs"], "key=value"),
        (["run=a", "n=0"], "n=0"),
        (["run=a", "n=many"], "n=many"),
        (["run=a", "seed=-1"], "seed=-1"),
        (["run=a", "truncation=0"], "truncation=0"),
        (["run=a", "format=jpg"], "Known: npy, png, zip"),
        (["run=a", "interpolation=maybe"], "true or false"),
        (["run=a", "interpolation=true", "format=npy"], "draws a grid"),
        (["run=a", "format=npy", "out=a.png"], "does not end in"),
        (["run=a", "out=a.gif"], "does not end in"),
        (["run=a", "n=1", "n=2"], "twice"),
        (["run=nowhere"], "no run or checkpoint"),
    ],
)
def test_mistakes_on_the_command_line(arguments, message):
    with pytest.raises(UserError, match=message):
        main(arguments)


def test_the_format_follows_the_name():
    assert read_options(["run=a", "out=b.NPY"]).format == "npy"
    assert read_options(["run=a", "label=null"]).label is None


def test_the_newest_run(runs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"below \./outputs"):
        find_checkpoint("latest")
    for name in ("old", "multirun/new"):
        saved = (runs["dcgan"] / "checkpoints" / "last.ckpt").read_bytes()
        checkpoint.write_bytes(tmp_path / "outputs" / name / "checkpoints" / "last.ckpt", saved)
    assert find_checkpoint("latest").parts[-4] == "multirun"
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match=r"checkpoints/last\.ckpt"):
        find_checkpoint("empty")


def test_weights_of_another_generator(runs, tmp_path):
    saved = checkpoint.load(runs["dcgan"] / "checkpoints" / "last.ckpt")
    saved["config"]["model"]["generator"]["width"] = 8
    checkpoint.save(tmp_path / "a.ckpt", saved)
    with pytest.raises(UserError, match="do not fit the generator"):
        gan_zoo.load(tmp_path / "a.ckpt")


def test_class_folders():
    assert class_folders((), 11)[9:] == ["09", "10"]
    assert class_folders(("cat", "dog"), 2) == ["cat", "dog"]
    assert class_folders(("..", "a/b"), 2) == ["0_", "1_a_b"]
