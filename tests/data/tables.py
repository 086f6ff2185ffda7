"""The text of a small sound table, and ways to spoil one thing in it."""

HEADER = "number,plan,minutes,calls,left"
ROWS = 40


def table(*, header=HEADER, rows=None):
    """The text of a sound table with 40 rows, a quarter of them churners; row 1 is `rows[0]`."""
    sound = [
        f"{100 + i},{('basic', 'family', 'premium')[i % 3]},{(i * 37) % 50 + 0.5},{i % 7},"
        f"{'yes' if i % 4 == 0 else 'no'}"
        for i in range(ROWS)
    ]
    return "\n".join([header, *(sound if rows is None else rows(sound))]) + "\n"


def replaced(row, field, value):
    """A change that puts `value` into one field of one row, both counted from 0."""

    def change(rows):
        fields = rows[row].split(",")
        fields[field] = value
        return [*rows[:row], ",".join(fields), *rows[row + 1 :]]

    return change
