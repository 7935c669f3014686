"""From a checkpoint, or from files, to a table, evaluation.json and a picture, through the real builder."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers.runs import SMALL, configuration
from PIL import Image

from gan_zoo import checkpoint
from gan_zoo.assemble.build import build_game
from gan_zoo.assemble.evaluating import main
from gan_zoo.assemble.resolve import resolve
from gan_zoo.callbacks.checkpoints import contents
from gan_zoo.data.load import load_dataset
from gan_zoo.errors import UserError
from gan_zoo.evaluation.table import WIDTH

ROOT = Path(__file__).resolve().parents[2]
FEW = ["n=120", "extractor=pixels"]


def save_run(folder: Path, model: str, *arguments: str) -> Path:
    """Write the checkpoint of a run that has just begun."""
    config = configuration(f"model={model}", *SMALL[model], *arguments, run_dir=folder)
    plain = config.to_plain()
    dataset = load_dataset({key: value for key, value in plain["data"].items() if key != "flip"})
    plain = resolve(plain, dataset.spec).config
    game = build_game(plain, dataset.spec)
    game.start()
    game.images = 5_000
    parts = {"game": game, "config": plain, "dataset": dataset, "device": torch.device("cpu")}
    module = type("Module", (), parts)()
    checkpoint.save(folder / "checkpoints" / "last.ckpt", contents(module))
    return folder


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("outputs")
    ring = ["data=ring", "data.samples=2000", "data.held_out_samples=500"]
    return {
        "dcgan": save_run(folder / "dcgan", "dcgan"),
        "cgan": save_run(folder / "cgan", "cgan"),
        "mlp": save_run(folder / "mlp", "mlp", *ring),
        "pggan": save_run(folder / "pggan", "pggan", "loss=wgangp"),
    }


def evaluation(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> Path:
    """Folders of images: `real`, the same again, few of them, and other forms."""
    folder = tmp_path_factory.mktemp("pictures")
    source = np.random.default_rng(0)

    def write(name: str, images: np.ndarray, names: tuple[str, ...] = ("cat", "dog")) -> None:
        for index, image in enumerate(images):
            place = folder / name / names[index % len(names)] if names else folder / name
            place.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(place / f"{index:03d}.png")

    real = source.integers(0, 256, (120, 20, 20, 3), dtype=np.uint8)
    write("real", real)
    write("three", real[:60], names=("bird", "cat", "dog"))
    write("birds", real[:60], names=("bird", "cow"))
    write("few", real[np.arange(60) % 3])
    write("flat", source.integers(0, 256, (60, 20, 20, 3), dtype=np.uint8), names=())
    write("grey", source.integers(0, 256, (20, 20, 20), dtype=np.uint8), names=())
    write("large", source.integers(0, 256, (20, 24, 24, 3), dtype=np.uint8), names=())
    with zipfile.ZipFile(folder / "real.zip", "w") as archive:
        for path in (folder / "real").rglob("*.png"):
            archive.write(path, path.relative_to(folder / "real"))
    np.save(folder / "real.npy", real)
    np.save(folder / "points.npy", source.normal(size=(200, 2)).astype(np.float32))
    np.save(folder / "broken.npy", np.full((200, 2), np.nan, dtype=np.float32))
    return folder


# Runs ------------------------------------------------------------------------------------------------------


def test_a_run_gets_a_table_a_document_and_a_picture(runs, capsys):
    main([f"run={runs['dcgan']}", "metrics=[fast,ms_ssim]", *FEW])
    printed = capsys.readouterr().out
    assert "floor..ceiling" in printed
    assert max(map(len, printed.split("Numbers:")[0].splitlines())) <= WIDTH + 60  # the heading names the run
    found = evaluation(runs["dcgan"] / "evaluation.json")
    assert found["failures"] == {}
    assert found["subject"]["kimg"] == 5.0
    assert (
        found["data"]["fingerprint"]
        == checkpoint.load(runs["dcgan"] / "checkpoints" / "last.ckpt")["fingerprint"]
    )
    numbers = {name.split("/")[0]: number for name, number in found["numbers"].items()}
    assert {"fd", "coverage", "ndb", "ms_ssim"} <= set(numbers)
    assert "FID" not in found["numbers"]
    for name in ("fd", "ndb"):
        assert numbers[name]["floor"] < numbers[name]["ceiling"]
        assert numbers[name]["floor"] < numbers[name]["value"]
    assert numbers["coverage"]["floor"] > numbers["coverage"]["ceiling"]
    with Image.open(runs["dcgan"] / found["files"]["bins"]) as picture:
        assert picture.width > 1000


def test_the_same_evaluation_gives_the_same_numbers(runs, tmp_path):
    for name in ("a", "b"):
        main([f"run={runs['dcgan']}", "metrics=[fast]", *FEW, f"out={tmp_path / name}.json"])
    assert evaluation(tmp_path / "a.json")["numbers"] == evaluation(tmp_path / "b.json")["numbers"]
    main([f"run={runs['dcgan']}", "metrics=[fast]", *FEW, "seed=1", f"out={tmp_path}/c.json"])
    assert evaluation(tmp_path / "c.json")["numbers"] != evaluation(tmp_path / "a.json")["numbers"]


def test_a_conditional_run_is_measured_per_class(runs, tmp_path):
    names = "metrics=[ms_ssim_by_class,frechet_distance]"
    main([f"run={runs['cgan']}", names, "n=200", "extractor=pixels", f"out={tmp_path}/e.json"])
    found = evaluation(tmp_path / "e.json")
    assert 0.0 <= found["numbers"]["collapsed_classes"]["value"] <= 1.0
    assert len(found["by_class"]["ms_ssim"]["fake"]) == 10
    assert found["data"]["class_names"] == [str(digit) for digit in range(10)]


def test_a_mixture_is_measured_by_its_modes(runs, tmp_path):
    main(
        [
            f"run={runs['mlp']}",
            "metrics=[all]",
            "n=400",
            f"out={tmp_path}/e.json",
            "wasserstein_distance.most=100",
        ]
    )
    found = evaluation(tmp_path / "e.json")
    assert found["failures"] == {}
    assert found["numbers"]["modes"]["floor"] == 8.0
    assert found["numbers"]["modes"]["ceiling"] <= 2.0
    assert found["numbers"]["high_quality"]["floor"] == pytest.approx(0.989, abs=0.03)
    assert any(name.startswith("smoothness/pixels") for name in found["numbers"])


def test_a_growing_run_is_enlarged(runs, tmp_path):
    main([f"run={runs['pggan']}", "metrics=[frechet_distance]", *FEW, f"out={tmp_path}/e.json"])
    (number,) = evaluation(tmp_path / "e.json")["numbers"].values()
    assert "enlarged from" in number["protocol"]["fake"]


def test_a_single_checkpoint_has_a_document_of_its_own(runs):
    folder = runs["dcgan"] / "checkpoints"
    (folder / "000005.000kimg.ckpt").write_bytes((folder / "last.ckpt").read_bytes())
    main([f"run={folder / '000005.000kimg.ckpt'}", "metrics=[ndb]", *FEW])
    assert (runs["dcgan"] / "evaluation-000005.000kimg.json").is_file()


def test_other_data_than_those_of_the_run_are_refused(runs, tmp_path):
    with pytest.raises(UserError, match=r"not the one that .* was trained on.*fingerprint"):
        main([f"run={runs['dcgan']}", "data.held_out=0.3", *FEW, f"out={tmp_path}/e.json"])
    assert list(tmp_path.iterdir()) == []


def test_a_metric_that_cannot_run_is_reported_and_the_others_are_measured(runs, tmp_path, capsys):
    names = "metrics=[ndb,ms_ssim_by_class,frechet_distance]"
    main([f"run={runs['dcgan']}", names, *FEW, f"out={tmp_path}/e.json"])
    found = evaluation(tmp_path / "e.json")
    assert "carry no labels" in found["failures"]["ms_ssim_by_class"]["error"]
    assert "ndb" in found["numbers"]
    assert "not measured: ms_ssim_by_class: " in capsys.readouterr().out


def test_the_help_needs_no_torch_and_mistakes_leave_with_exit_code_2(runs, tmp_path):
    code = (
        "import sys; from gan_zoo.assemble.evaluating import main; main(['--help']);"
        "sys.exit('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    command = [
        sys.executable,
        str(ROOT / "scripts" / "evaluate.py"),
        f"run={runs['dcgan']}",
        "metrics=[ndbs]",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: Unknown metric 'ndbs'. Did you mean 'ndb'?")
    assert done.stderr.count("error:") == 1
    assert len((ROOT / "scripts" / "evaluate.py").read_text(encoding="utf-8").splitlines()) <= 70


# Files -----------------------------------------------------------------------------------------------------


def test_folders_zips_and_arrays_are_the_same_images(pictures, tmp_path):
    found = []
    for name in ("real", "real.zip", "real.npy"):
        main(
            [f"fake={pictures / 'few'}", f"real={pictures / name}", "metrics=[ndb]", f"out={tmp_path}/e.json"]
        )
        found.append(evaluation(tmp_path / "e.json")["data"]["shape"])
    assert found == [[3, 20, 20]] * 3


def test_a_collapsed_folder_lies_near_the_ceiling_and_a_real_one_near_the_floor(pictures, tmp_path):
    values = {}
    for name in ("few", "flat"):
        main(
            [
                f"fake={pictures / name}", f"real={pictures / 'real'}", "extractor=pixels",
                "metrics=[precision_recall_density_coverage]", f"out={tmp_path}/e.json",
            ]
        )  # fmt: skip
        numbers = evaluation(tmp_path / "e.json")["numbers"]
        values[name] = next(number for key, number in numbers.items() if key.startswith("coverage"))
    assert values["flat"]["value"] == pytest.approx(values["flat"]["floor"], abs=0.15)
    assert values["few"]["value"] <= values["few"]["ceiling"] + 0.2 < values["few"]["floor"]


def test_sub_folders_are_classes(pictures, tmp_path):
    main(
        [
            f"fake={pictures / 'few'}", f"real={pictures / 'real'}", "metrics=[ms_ssim_by_class]",
            f"out={tmp_path}/e.json",
        ]
    )  # fmt: skip
    found = evaluation(tmp_path / "e.json")
    assert found["data"]["class_names"] == ["cat", "dog"]
    assert found["numbers"]["collapsed_classes"]["value"] == 1.0


def test_missing_classes_keep_their_names(pictures, tmp_path):
    """A set that lacks the first class is a fault to be measured, and its labels must not move up."""
    options = [f"fake={pictures / 'few'}", f"real={pictures / 'three'}", "metrics=[ms_ssim_by_class]"]
    main([*options, f"out={tmp_path}/e.json"])
    found = evaluation(tmp_path / "e.json")
    assert found["data"]["class_names"] == ["bird", "cat", "dog"]
    by_class = found["by_class"]["ms_ssim"]["fake"]
    assert [value is None for value in by_class] == [True, False, False]


def test_vectors_in_files(pictures, tmp_path):
    points = pictures / "points.npy"
    main([f"fake={points}", f"real={points}", "metrics=[frechet_distance]", f"out={tmp_path}/e.json"])
    assert evaluation(tmp_path / "e.json")["data"]["shape"] == [2]


@pytest.mark.parametrize(
    ("fake", "real", "more", "message"),
    [
        ("grey", "real", [], "color, the generated ones grey. Type channels=1"),
        ("large", "real", [], r"shape \[3, 20, 20\], the generated ones \[3, 24, 24\]. Type size=32"),
        ("points.npy", "real", [], "give both as images"),
        ("birds", "real", [], "has not: bird, cow"),
        ("broken.npy", "points.npy", [], "200 of 200 samples hold values that are not finite"),
        ("nowhere", "real", [], "fake=.*nowhere does not exist"),
        ("flat", "real", ["metrics=[ms_ssim_by_class]"], "samples carry no labels"),
        ("flat", "flat", ["metrics=[ms_ssim_by_class]"], "real data have no labels"),
        ("flat", "real", ["extractor=clasifier"], "Did you mean 'classifier'"),
        ("flat", "real", ["n_real=500"], "n_real=500"),
        ("flat", "real", ["metrics=[ndb]", "n=1"], "Nothing could be measured"),
        ("flat", "real", ["device=abacus"], "device=cpu"),
    ],
)
def test_what_cannot_be_compared_is_refused(pictures, tmp_path, fake, real, more, message):
    out = tmp_path / "e.json"
    named = [] if any(option.startswith("metrics=") for option in more) else ["metrics=[ndb]"]
    with pytest.raises(UserError, match=message):
        main([f"fake={pictures / fake}", f"real={pictures / real}", *named, *more, f"out={out}"])
    assert not out.exists()


@pytest.mark.parametrize("half", ["reference", "held-out"])
def test_a_generator_that_returns_real_samples_is_told(pictures, tmp_path, half):
    from gan_zoo.assemble.evaluate_sources import _halves
    from gan_zoo.data.base import Samples

    real = np.load(pictures / "real.npy")
    both = _halves(Samples(torch.from_numpy(real)), 0)
    np.save(tmp_path / "copies.npy", both[half == "held-out"].values.numpy())
    options = [f"fake={tmp_path / 'copies.npy'}", f"real={pictures / 'real.npy'}", "extractor=pixels"]
    main([*options, "metrics=[authenticity]", f"out={tmp_path}/e.json"])
    (number,) = evaluation(tmp_path / "e.json")["numbers"].values()
    assert (number["metric"], number["value"], number["ceiling"]) == ("authenticity", 0.0, 0.0)
    assert number["floor"] > 0.1
    assert number["protocol"]["training"] == "all 120 training samples"


def test_fewer_samples_than_were_asked_for_are_told(pictures, tmp_path, capsys):
    options = [f"fake={pictures / 'flat'}", f"real={pictures / 'real'}", "metrics=[ndb]"]
    main([*options, "n=100", f"out={tmp_path}/e.json"])
    (warning,) = evaluation(tmp_path / "e.json")["warnings"]
    assert "60 generated samples in" in warning
    assert "n=100 were asked for" in warning
    assert "type n=60" in warning
    assert "warning: 60 generated samples" in capsys.readouterr().out
    main([*options, "n=60", f"out={tmp_path}/e.json"])
    assert evaluation(tmp_path / "e.json")["warnings"] == []


def test_one_form_for_both_sides(pictures, tmp_path):
    main(
        [
            f"fake={pictures / 'grey'}", f"real={pictures / 'large'}", "size=8", "channels=1",
            "metrics=[ndb]", f"out={tmp_path}/e.json",
        ]
    )  # fmt: skip
    found = evaluation(tmp_path / "e.json")
    assert found["data"]["shape"] == [1, 8, 8]
    assert found["numbers"]["ndb"]["protocol"]["prepared"] == (
        "made grey; unless they were 8x8, cut to the largest centered square and resized to 8x8 (bicubic, "
        "antialiased)"
    )


def test_a_reference_of_another_size_has_a_floor_that_says_nothing_of_the_value(pictures, tmp_path, capsys):
    options = [f"fake={pictures / 'real'}", f"real={pictures / 'real'}", "extractor=pixels", "n=100"]
    main([*options, "n_real=60", "metrics=[frechet_distance]", f"out={tmp_path}/e.json"])
    found = evaluation(tmp_path / "e.json")
    (number,) = found["numbers"].values()
    protocol = number["protocol"]
    assert (protocol["n_fake"], protocol["n_floor"], protocol["n_real"]) == (100, 60, 60)
    assert protocol["comparable_to_floor"] is False
    assert protocol["prepared"] == "as they are in the files"
    assert any("of 100 generated samples, floors of 60 real ones" in each for each in found["warnings"])
    printed = capsys.readouterr().out
    assert "|" not in printed.split("warning:")[0].split("better")[1]  # no gauge


def test_two_images_per_class_are_measured_without_a_classifier(tmp_path, capsys):
    """As in `real=` with a sub-folder for each person."""
    source = np.random.default_rng(1)
    for side in ("real", "fake"):
        for index, image in enumerate(source.integers(0, 256, (120, 20, 20), dtype=np.uint8)):
            place = tmp_path / side / f"person{index // 2:02d}"
            place.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(place / f"{index:03d}.png")
    options = [f"fake={tmp_path / 'fake'}", f"real={tmp_path / 'real'}", "metrics=[frechet_distance]"]
    main([*options, "n=120", f"out={tmp_path}/e.json"])
    found = evaluation(tmp_path / "e.json")
    assert next(iter(found["numbers"])).startswith("fd/randconv-")
    assert any("at least 5 training images per class" in warning for warning in found["warnings"])
    assert "extractor=auto takes random_convolutions" in " ".join(capsys.readouterr().out.split())
    with pytest.raises(UserError, match="at least 5 training images per class"):
        main([*options, "extractor=classifier", f"out={tmp_path}/e.json"])


# While a run trains ----------------------------------------------------------------------------------------


def test_metrics_fast_leaves_weights_bit_identical_and_logs(tmp_path, monkeypatch):
    import csv

    import yaml
    from helpers.runs import weights

    from gan_zoo.assemble import train as training
    from gan_zoo.cli.catalog import configuration_folder

    quality = yaml.safe_load((configuration_folder() / "metrics" / "fast.yaml").read_text(encoding="utf-8"))
    quality["quality"].update(n=60, every_kimg=0.05)
    logger = {"csv": {"_target_": "gan_zoo.callbacks.CsvLogger"}}
    results, kept, prepare = [], [], training.prepare
    monkeypatch.setattr(training, "prepare", lambda *a: (kept.append(prepare(*a)), kept[-1])[1])
    for name, callbacks in (("with", quality), ("without", {})):
        config = configuration("model=acgan", *SMALL["acgan"], run_dir=tmp_path / name)
        training.train(config, callbacks, logger, "test")
        results.append(weights(kept[-1][0]))
    assert all(torch.equal(results[0][key], results[1][key]) for key in results[1])
    with (tmp_path / "with" / "metrics.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    logged = [
        row for row in rows if any(key.startswith("quality/fd/projection-") and row[key] for key in row)
    ]
    assert len(logged) == 4
