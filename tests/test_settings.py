"""Settings: where they come from, and how a wrong value is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from smarthome.errors import ConfigurationError
from smarthome.settings import load


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("SMARTHOME_CONFIG", "CREDENTIALS_DIRECTORY", "SMARTHOME_SECRETS_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def test_defaults() -> None:
    settings = load()
    assert settings.whisper.model == "openai/whisper-small"
    assert "model" not in settings.whisper.model_fields_set


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("smarthome.toml", 'site = "flat"\n[mqtt]\nhost = "broker"\n'),
        ("smarthome.yaml", "site: flat\nmqtt: {host: broker}\n"),
    ],
)
def test_a_file_in_either_language(name: str, text: str) -> None:
    Path(name).write_text(text, encoding="utf-8")
    settings = load()
    assert (settings.site, settings.mqtt.host) == ("flat", "broker")


def test_environment_beats_secrets_beat_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('[mqtt]\nhost = "file"\nusername = "file"\npassword = "file"\n', encoding="utf-8")
    secrets = tmp_path / "credentials"
    secrets.mkdir()
    (secrets / "mqtt__password").write_text("secret\n", encoding="utf-8")
    (secrets / "mqtt__username").write_text("secret\n", encoding="utf-8")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(secrets))
    monkeypatch.setenv("SMARTHOME_MQTT__USERNAME", "environment")

    mqtt = load(tmp_path / "a.toml").mqtt

    assert mqtt.host == "file"
    assert mqtt.username == "environment"
    assert mqtt.password is not None
    assert mqtt.password.get_secret_value() == "secret"


def test_a_password_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMARTHOME_MQTT__USERNAME", "rabbit")
    monkeypatch.setenv("SMARTHOME_MQTT__PASSWORD", "hunter2")
    assert "hunter2" not in repr(load())


@pytest.mark.parametrize(
    ("variable", "value", "parts"),
    [
        ("SMARTHOME_MQTT__PORT", "70000", ["mqtt.port", "'70000'", "65535"]),
        ("SMARTHOME_MQTT__PORT", "many", ["mqtt.port", "'many'", "integer"]),
        ("SMARTHOME_WHISPER__ENGINE", "vosk", ["whisper.engine", "'vosk'", "ctranslate2"]),
        ("SMARTHOME_VAD__AGGRESSIVENESS", "5", ["vad.aggressiveness", "'5'", "3"]),
        ("SMARTHOME_SITE", "a/b", ["site", "'a/b'"]),
        ("SMARTHOME_SEGMENTER__HANGOVER_MS", "900", ["segmenter", "hangover_ms must be at most silence_ms"]),
    ],
)
def test_a_wrong_value_is_one_line_with_key_value_and_what_is_allowed(
    variable: str, value: str, parts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError) as error:
        load()
    message = str(error.value)
    assert "\n" not in message
    for part in parts:
        assert part in message


def mistake(file: Path | None = None, **overrides: dict[str, object]) -> str:
    with pytest.raises(ConfigurationError) as error:
        load(file, overrides)
    return str(error.value)


def test_the_source_of_a_wrong_value_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text("[mqtt]\nport = 0\n[segmenter]\nsilence_ms = 200\n", encoding="utf-8")
    assert mistake(file).startswith(f"{file}: mqtt.port = 0: ")

    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "mqtt__port").write_text("0", encoding="utf-8")
    monkeypatch.setenv("SMARTHOME_SECRETS_DIR", str(secrets))
    assert mistake(file).startswith(f"{secrets}/mqtt__port: mqtt.port = '0': ")

    monkeypatch.setenv("SMARTHOME_MQTT__PORT", "-1")
    assert mistake(file).startswith("SMARTHOME_MQTT__PORT: mqtt.port = '-1': ")

    monkeypatch.setenv("SMARTHOME_MQTT__PORT", "1883")
    monkeypatch.setenv("SMARTHOME_SEGMENTER__HANGOVER_MS", "900")
    assert mistake(file).startswith(f"SMARTHOME_SEGMENTER__HANGOVER_MS, {file}: segmenter: hangover_ms must be")


def test_a_wrong_value_of_a_whole_section_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMARTHOME_MQTT", '{"port": 0}')
    assert mistake().startswith("SMARTHOME_MQTT: mqtt.port = 0: ")


def test_the_command_line_is_named(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text('[whisper]\nengine = "auto"\n', encoding="utf-8")
    assert mistake(file, whisper={"engine": "vosk"}).startswith("command line: whisper.engine = 'vosk': ")


def test_a_section_that_is_not_json(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "mqtt").write_text("notjson", encoding="utf-8")
    monkeypatch.setenv("SMARTHOME_SECRETS_DIR", str(tmp_path))
    assert mistake() == f"{tmp_path}/mqtt: not a JSON object; a single key is {tmp_path}/mqtt__KEY"
    monkeypatch.setenv("SMARTHOME_MQTT", "notjson")
    assert mistake() == "SMARTHOME_MQTT: not a JSON object; a single key is SMARTHOME_MQTT__KEY"


@pytest.mark.parametrize("name", ["SMARTHOME_FOO", "SMARTHOME_MQQT__HOST", "SMARTHOME_MQTT_HOST"])
def test_a_misspelt_variable(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "1")
    assert mistake().startswith(f"{name}: there is no such setting")


def test_a_misspelt_variable_of_a_section(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMARTHOME_MQTT__HOTS", "1")
    assert mistake().startswith("SMARTHOME_MQTT__HOTS: mqtt.hots: there is no such setting")


def test_a_secrets_directory_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SMARTHOME_SECRETS_DIR", str(tmp_path / "none"))
    assert mistake().startswith(f"secrets directory {tmp_path / 'none'}: ")


@pytest.mark.parametrize("text", ["1: 2\n", "mqtt: {1: 2}\n", "? [1, 2]\n: 3\n"])
def test_keys_that_are_no_words(text: str, tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(text, encoding="utf-8")
    message = mistake(file)
    assert message.startswith(f"{file}: ")
    assert "key" in message


@pytest.mark.parametrize("key", ["ca_file", "cert_file", "key_file"])
def test_certificates_without_tls(key: str, tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(f"mqtt: {{{key}: ca.pem}}\n", encoding="utf-8")
    assert mistake(file) == f"{file}: mqtt: {key} without tls = true: the connection would not be encrypted"


def test_a_password_without_a_user(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("mqtt: {password: hunter2}\n", encoding="utf-8")
    message = mistake(file)
    assert message.startswith(f"{file}: mqtt: a password without a username")
    assert "hunter2" not in message


def test_an_unknown_key_names_file_and_key(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("mqtt: {hots: x}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"a\.yaml: mqtt\.hots: there is no such setting.*config schema"):
        load(file)


@pytest.mark.parametrize("text", ["mqtt = [", "= 1"])
def test_a_file_that_is_not_toml(text: str, tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="not valid TOML"):
        load(file)


def test_a_named_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.toml: cannot be read: No such file"):
        load(tmp_path / "none.toml")
