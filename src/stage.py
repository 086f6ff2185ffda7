"""Run one stage of the pipeline: `python src/stage.py STAGE STUDY [MODEL]`.

A script rather than `-m`, so that the package beside it is the one that runs: DVC runs experiments
in copies of the repository, where an installed package would be another copy's code.
"""

from churnlab.environment import settle

settle()

from churnlab.stages.running import main  # noqa: E402

if __name__ == "__main__":
    main()
