"""Train a GAN: `python train.py model=pggan loss=wgangp`; `python train.py --help` lists the choices."""

from gan_zoo.cli.train import main

if __name__ == "__main__":
    main()
