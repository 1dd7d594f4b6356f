"""Makes a wheel of five modules here."""

import zipfile

with zipfile.ZipFile("five-1.0-py3-none-any.whl", "w") as wheel:
    names = [f"five/module_{number}.py" for number in range(5)]
    for name in names:
        wheel.writestr(name, "ANSWER = 42\n" * 100)
    information = "five-1.0.dist-info"
    wheel.writestr(f"{information}/METADATA", "Metadata-Version: 2.1\nName: five\nVersion: 1.0\n")
    wheel.writestr(f"{information}/WHEEL", "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    record = "".join(f"{name},,\n" for name in [*names, f"{information}/METADATA", f"{information}/WHEEL"])
    wheel.writestr(f"{information}/RECORD", record + f"{information}/RECORD,,\n")
