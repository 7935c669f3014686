"""Pages about finished runs, from their files alone: `report.html` of one run, and a comparison of many.

A page is one file: styles, scripts and pictures stand in it, so it opens without a network. Curves are drawn
by uPlot (MIT), of which a copy lies in `templates/vendor`: with 50 kB it weighs little in hundreds of pages.
"""

from gan_zoo.report.comparison import write_comparison
from gan_zoo.report.run_report import FILE, write_report

__all__ = ["FILE", "write_comparison", "write_report"]
