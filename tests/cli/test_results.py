"""What commands print: the shapes that other programs rely on, and the exit status."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.conftest import Cli, Outcome
from tests.system.world import NURTURE


def test_init_makes_a_workspace_without_problems(run: Callable[..., Outcome], tmp_path: Path) -> None:
    made = run("init", tmp_path / "firm")
    checked = run("-w", tmp_path / "firm", "check")
    assert (made.code, checked.code) == (0, 0)
    assert "all is well: 3 campaign(s) (new-website, re-engagement, webshop)" in checked.out


def test_init_writes_the_schema_that_the_examples_name(run: Callable[..., Outcome], tmp_path: Path) -> None:
    run("init", tmp_path / "firm")
    campaigns = tmp_path / "firm" / "campaigns"
    named = {path.read_text(encoding="utf-8").split("\n")[0] for path in campaigns.glob("*.yaml")}
    assert named == {"# yaml-language-server: $schema=./nurture.schema.json"}
    written = (campaigns / "nurture.schema.json").read_text(encoding="utf-8")
    assert written == run("-w", tmp_path / "firm", "schema", "--output", "-").out


def test_init_gives_a_cloned_workspace_a_key(cli: Cli, run: Callable[..., Outcome]) -> None:
    (cli.folder / ".nurture-secret").unlink()
    made = run("init", cli.folder)
    assert (made.code, "new key" in made.out, cli("tick").code) == (0, True, 0)


def test_import_counts_every_record(cli: Cli) -> None:
    file = cli.write("leads.csv", "name,email\nAn,an@x.example.com\nAn,an@x.example.com\n,\nBo,\n")
    outcome = cli("import", "csv", file, "--json")
    assert outcome.code == 0
    assert set(outcome.json) == {"received", "new", "duplicate", "contacts", "junk", "unreadable"}
    counts = outcome.json
    assert counts["received"] == counts["new"] + counts["duplicate"] + len(counts["unreadable"])
    assert (counts["contacts"], sum(counts["junk"].values())) == (1, counts["new"] - 1)


def test_an_unreadable_record_is_told_with_its_line(cli: Cli) -> None:
    file = cli.write(
        "cards.vcf", "BEGIN:VCARD\nVERSION:3.0\nFN:An\nEMAIL:an@x.example.com\nEND:VCARD\nBEGIN:VCARD\n"
    )
    unreadable = cli("import", "vcard", file, "--json").json["unreadable"]
    assert [set(piece) for piece in unreadable] == [{"line", "reason"}]
    assert unreadable[0]["line"] == 6


def test_the_second_import_finds_duplicates_only(cli: Cli) -> None:
    file = cli.write("leads.csv", "name,email\nAn,an@x.example.com\nBo,bo@x.example.com\n")
    first, second = cli("import", "csv", file, "--json").json, cli("import", "csv", file, "--json").json
    assert (first["new"], second["new"], second["duplicate"]) == (2, 0, 2)


def test_several_files_are_one_result(cli: Cli) -> None:
    one = cli.write("one.csv", "name,email\nAn,an@x.example.com\n")
    two = cli.write("two.csv", "name,email\nBo,bo@x.example.com\n")
    assert cli("import", "csv", one, two, "--json").json["contacts"] == 2


def test_import_tells_people_the_same(cli: Cli) -> None:
    told = cli.import_people("An Jansen;an@x.example.com", "Bo Jansen;").out
    assert [line.split()[-1] for line in told.splitlines() if line.startswith(("received", "junk"))] == [
        "2",
        "1",
    ]


def test_check_without_problems_is_an_empty_list(cli: Cli) -> None:
    outcome = cli("check", "--json")
    assert (outcome.code, outcome.json) == (0, {"findings": []})


def test_every_finding_says_where_what_and_what_instead(cli: Cli) -> None:
    cli.replace("campaigns/greeting.yaml", "orientation/welcome", "orientation/wellcome")
    outcome = cli("check", "--json")
    assert outcome.code == 1
    assert outcome.json["findings"] == [
        {
            "file": "campaigns/greeting.yaml",
            "line": 10,
            "column": 27,
            "code": "N402",
            "severity": "error",
            "message": "there is no template orientation/wellcome",
            "hint": "did you mean orientation/welcome?",
        }
    ]


def test_check_writes_annotations_for_github(cli: Cli) -> None:
    cli.replace("campaigns/greeting.yaml", "orientation/welcome", "orientation/wellcome")
    outcome = cli("check", "--format", "github")
    assert outcome.code == 1
    assert outcome.out.startswith("::error file=campaigns/greeting.yaml,line=10,col=27,title=N402 ")


def test_check_writes_sarif(cli: Cli) -> None:
    cli.replace("campaigns/greeting.yaml", "orientation/welcome", "orientation/wellcome")
    (run,) = cli("check", "--format", "sarif").json["runs"]
    assert [result["ruleId"] for result in run["results"]] == ["N402"]


def test_check_writes_the_same_json_for_both_ways_to_ask(cli: Cli) -> None:
    assert cli("check", "--format", "json").out == cli("check", "--json").out


def test_check_refuses_an_empty_folder_as_tick_does(cli: Cli) -> None:
    for file in (cli.folder / "campaigns").iterdir():
        file.unlink()
    outcome = cli("check", "--json")
    (found,) = outcome.json["findings"]
    assert (outcome.code, found["code"], found["severity"]) == (1, "N410", "error")
    assert "kind: profile" in found["hint"]
    assert cli("tick").code == 1


def test_a_misspelt_name_in_a_template_is_found_by_check(cli: Cli) -> None:
    cli.replace("templates/nl/orientation/welcome.html", "{{ firm.website }}", "{{ frim.website }}")
    outcome = cli("check", "--json")
    (found,) = outcome.json["findings"]
    line = 1 + (cli.folder / found["file"]).read_text().split("frim")[0].count("\n")
    assert (outcome.code, found["file"]) == (1, "templates/nl/orientation/welcome.html")
    assert (found["line"], found["code"]) == (line, "N409")
    assert "there is no 'frim'; did you mean firm?" in found["message"]


def test_a_mistake_in_the_layout_is_told_once(cli: Cli) -> None:
    cli.replace("templates/layout.html", "contact.first_name", "contact.frist_name")
    files = [finding["file"] for finding in cli("check", "--json").json["findings"]]
    assert files == ["templates/layout.html"]


def test_plugins_lists_what_each_registered(cli: Cli) -> None:
    listed = cli("plugins", "--json").json
    assert set(listed) == {"plugins", "registered"}
    assert {"kind": "source", "name": "csv"} in listed["registered"]
    assert "maildir" in listed["plugins"]


def test_doctor_finds_a_new_workspace_well(cli: Cli) -> None:
    outcome = cli("doctor", "--json")
    assert [part["what"] for part in outcome.json if not part["well"]] == []
    assert {"what", "well", "message", "hint"} == set(outcome.json[0])
    assert outcome.code == 0


def test_doctor_tells_every_part_that_is_wrong(cli: Cli) -> None:
    cli.replace("nurture.toml", "memory://", "redis://127.0.0.1:1/0")
    cli.replace("nurture.toml", 'transport = "maildir"', 'transport = "maildri"')
    outcome = cli("doctor", "--json")
    assert [part["what"] for part in outcome.json if not part["well"]] == ["broker", "mail"]
    assert outcome.code == 1


def test_migrate_says_from_what_to_what(cli: Cli) -> None:
    first, second = cli("migrate", "--json").json, cli("migrate", "--json").json
    assert first["before"] is None
    assert second == {"before": first["after"], "after": first["after"]}


def test_inbox_list_counts_and_shows(cli: Cli) -> None:
    cli.import_people("An Jansen;an@x.example.com", "Bo Jansen;")
    listed = cli("inbox", "list", "--state", "junk", "--json").json
    assert set(listed) == {"counts", "items"}
    assert [item["state"] for item in listed["items"]] == ["junk"]
    assert sum(count["number"] for count in listed["counts"]) == 2


def test_inbox_list_counts_only_what_was_asked_for(cli: Cli) -> None:
    cli.import_people("An Jansen;an@x.example.com", "Bo Jansen;")
    counts, _, _ = cli("inbox", "list", "--state", "junk").out.partition("\n\n")
    assert [line.split()[:2] for line in counts.splitlines()[2:]] == [["csv", "junk"]]


def test_a_file_of_column_names_alone_is_said_to_have_no_records(cli: Cli) -> None:
    outcome = cli("import", "csv", cli.write("leads.csv", "name,email\n"))
    assert (outcome.code, "leads.csv has no records" in outcome.err) == (0, True)


def test_junk_is_sorted_again_after_a_change_of_the_profile(cli: Cli) -> None:
    cli.import_people(";an@x.example.com")
    cli.replace("campaigns/profile.yaml", "require: [name, any_of:", "require: [any_of:")
    assert cli("inbox", "retry", "--json").json == {"retried": 1}
    assert cli("inbox", "list", "--state", "junk", "--json").json["items"] == []


def test_tick_sends_what_is_due_and_says_what_comes_next(cli: Cli) -> None:
    cli.import_people("An Jansen;an@x.example.com")
    report = cli("tick", "--json").json
    expected = {"advanced": 1, "sent": 1, "deferred": 0, "failed": 0, "unknown": 0, "problems": []}
    assert expected.items() <= report.items()
    assert {"sorted", "notified", "next_due"} <= set(report)
    assert len(list((cli.folder / "mail" / "new").glob("*.eml"))) == 1


def test_the_outbox_lists_its_mails(cli: Cli) -> None:
    cli.import_people("An Jansen;an@x.example.com")
    cli("tick")
    listed = cli("outbox", "list", "--state", "sent", "--json").json
    assert (listed["counts"], len(listed["mails"])) == ({"sent": 1}, 1)
    assert {"id", "state", "email", "campaign", "step", "message_id", "reply"} <= set(listed["mails"][0])
    datetime.fromisoformat(listed["mails"][0]["done_at"])


def test_a_mail_that_waits_can_be_dropped(cli: Cli) -> None:
    cli.replace("nurture.toml", 'transport = "maildir"', 'transport = "smtp"')
    cli.write("nurture.toml", (cli.folder / "nurture.toml").read_text() + "[plugin.smtp]\nport = 1\n")
    cli.import_people("An Jansen;an@x.example.com")
    cli("tick")
    assert cli("outbox", "resolve", 1, "drop", "--json").json == {"ids": [1], "resolved": "drop"}
    assert cli("outbox", "list", "--json").json["counts"] == {"withheld": 1}


def test_failed_mails_are_told_with_the_way_to_send_them_again(cli: Cli) -> None:
    cli.replace("templates/nl/orientation/welcome.html", "{{ firm.website }}", "{{ frim.website }}")
    cli.import_people("An Jansen;an@x.example.com", "Bo Jansen;bo@x.example.com")
    assert "nurture outbox resolve ID resend" in cli("tick").out
    cli.replace("templates/nl/orientation/welcome.html", "{{ frim.website }}", "{{ firm.website }}")
    assert cli("outbox", "resolve", 1, 2, "resend").out == "mail 1: resend\nmail 2: resend\n"
    assert cli("tick", "--json").json["sent"] == 2


def test_explain_tells_the_story_the_standing_and_what_comes(cli: Cli) -> None:
    cli.import_people("An Jansen;an@x.example.com")
    cli("tick")
    told = cli("explain", "an@x.example.com").out
    for words in ("An Jansen", "The story", "enters", "greeting", "How they stand", "What comes next"):
        assert words in told
    parts = {"contact", "account", "story", "standing", "places", "upcoming", "stuck", "junk_reason", "as_of"}
    parts |= {"origins", "would_help", "firm", "unusable", "sales", "external_id"}
    assert set(cli("explain", "Jansen", "--json").json) == parts


def test_sales_lists_reads_and_accepts(handed_over: Cli) -> None:
    (row,) = handed_over("handover", "list", "--json").json
    dossier = handed_over("handover", "show", 1)
    accepted = handed_over("handover", "accept", 1, "--by", "sanne@example.com", "--json").json
    assert (row["id"], row["team"]) == (1, "sales-nl")
    assert "An Jansen-1" in dossier.out
    assert accepted == {
        "id": 1,
        "answer": "accepted",
        "reason": None,
        "lifecycle": "accepted",
        "repeated": False,
        "recycle_at": None,
        "merged_into": None,
    }
    assert handed_over("handover", "list", "--json").json == []


def test_the_times_of_hand_overs_can_be_read_by_people_and_by_programs(handed_over: Cli) -> None:
    (row,) = handed_over("handover", "list", "--json").json
    answer_by = datetime.fromisoformat(row["answer_by"]).astimezone(UTC)
    assert row["answer_by"][10] == row["created_at"][10] == "T"
    assert f" {answer_by:%Y-%m-%d %H:%M} UTC" in handed_over("handover", "list").out


def test_sales_rejects_with_a_reason(handed_over: Cli) -> None:
    rejected = handed_over("handover", "reject", 1, "--reason", "not_now", "--json").json
    assert set(rejected) == {
        *("id", "answer", "reason", "lifecycle", "repeated", "recycle_at", "merged_into"),
    }
    assert (rejected["reason"], rejected["lifecycle"]) == ("not_now", "recycled")
    (row,) = handed_over("handover", "list", "--all", "--json").json
    assert row["answer"] == "rejected"


def test_a_reader_that_goes_away_is_no_error(cli: Cli) -> None:
    rows = "".join(f"Jan Jansen {number},jan{number}@x.example.com\n" for number in range(2_000))
    cli("import", "csv", cli.write("leads.csv", f"name,email\n{rows}"))
    command = f"set -o pipefail; {NURTURE} -w {cli.folder} inbox list --limit 2000 | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("source")


@pytest.mark.parametrize("command", ["import", "check", "tick"])
def test_what_is_piped_holds_nothing_but_the_result(cli: Cli, command: str) -> None:
    leads = cli.write("leads.csv", "name,email\nAn,an@x.example.com\n")
    arguments = {"import": ["csv", leads]}.get(command, [])
    assert isinstance(cli(command, *arguments, "--json").json, dict)


def test_a_team_with_nobody_in_it_is_found_by_check(cli: Cli) -> None:
    cli.write(
        "nurture.toml", (cli.folder / "nurture.toml").read_text(encoding="utf-8") + "\n[teams.nobody]\n"
    )
    found = cli("check", "--json").json["findings"]
    assert [(each["code"], each["file"]) for each in found] == [("N416", "nurture.toml")]


def test_a_template_that_prints_what_may_be_unknown_is_found_by_check(cli: Cli) -> None:
    cli.replace("templates/nl/orientation/welcome.html", "{{ firm.website }}", "{{ contact.city }}")
    found = cli("check", "--json").json["findings"]
    assert [(each["code"], each["file"]) for each in found] == [
        ("N412", "templates/nl/orientation/welcome.html")
    ]


def test_what_is_published_is_published_though_nobody_reads_the_plan(cli: Cli) -> None:
    call = [NURTURE, "-w", str(cli.folder), "publish", "--yes"]
    with subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as publishing:
        assert publishing.stdout is not None
        publishing.stdout.close()
        assert publishing.wait(timeout=60) == 0
    assert [one["campaign"] for one in cli("versions", "--json").json] == ["greeting"]


def test_why_not_tells_people_what_stands_before_it(cli: Cli) -> None:
    cli.import_people("An Jansen;an@x.example.com")
    cli("tick")
    outcome = cli("explain", "an@x.example.com", "--why-not", "stage:comparison")
    assert outcome.code == 0
    for words in ("An Jansen", "Why are they not in comparison?", "Nothing but this", "1. they are in "):
        assert words in outcome.out


def test_who_is_without_a_name_is_called_by_the_id_of_their_system(cli: Cli) -> None:
    cli.replace("campaigns/profile.yaml", "require: [name, any_of: [email, phone]]", "require: [city]")
    leads, mapping = cli.folder / "leads.csv", cli.folder / "leads.map.yaml"
    leads.write_text("Id,City\nC-7,Utrecht\n", encoding="utf-8")
    mapping.write_text("external_id: {system: crm, from: Id}\n", encoding="utf-8")
    cli("import", "csv", str(leads), "--map", str(mapping))
    assert cli("explain", "C-7").out.splitlines()[0] == "C-7"
    assert cli("explain", "C-7", "--why-stage").out.splitlines()[0] == "C-7"


def test_who_is_due_is_not_said_to_be_looked_at_again_in_the_past(cli: Cli) -> None:
    cli.import_people("An Jansen;an@x.example.com")
    assert "looked at by the next run; if nothing happens before:" in cli("explain", "Jansen").out


def test_why_not_tells_people_that_it_did_happen(cli: Cli) -> None:
    cli.import_people("An Jansen;an@x.example.com")
    cli("tick")
    outcome = cli("explain", "an@x.example.com", "--why-not", "send:welcome")
    assert "It did happen: welcome was sent on" in outcome.out
    assert "What stands before it" not in outcome.out


def test_why_not_as_json_keeps_its_shape(cli: Cli) -> None:
    cli.import_people("An Jansen;an@x.example.com")
    cli("tick")
    answer = cli("explain", "Jansen", "--why-not", "promote", "--json").json
    assert set(answer) == {"contact", "as_of", "why_not", "why_stage"}
    assert answer["why_stage"] is None
    told = answer["why_not"]
    assert set(told) == {"asked", "question", "summary", "happened", "obstacles", "next_at", "ahead"}
    assert {"code", "words", "lift", "lifts_at", "needs", "evidence"} <= set(told["obstacles"][0])


def test_explain_tells_of_which_moment_it_is(cli: Cli) -> None:
    cli.import_people("An Jansen;an@x.example.com")
    cli("tick")
    future = cli("explain", "Jansen", "--at", "2099-03-02T10:00")
    assert (
        "as it would be decided on Mon 2099-03-02 10:00 Europe/Amsterdam, on what is known now" in future.out
    )
    as_of = cli("explain", "Jansen", "--why-not", "promote", "--at", "2099-03-02", "--json").json["as_of"]
    assert (as_of["picture"], as_of["at"]) == ("to come", "2099-03-02T22:59:59.999999+00:00")
    assert cli("explain", "Jansen", "--json").json["as_of"]["picture"] == "now"


def test_why_stage_tells_what_would_change_it(cli: Cli) -> None:
    cli.import_people("An Jansen;an@x.example.com")
    cli("tick")
    told = cli("explain", "Jansen", "--why-stage", "--why-not", "promote").out
    for words in (
        "Why are they no prospect?",
        "Why orientation?",
        "further:",
        "Why fit 0 of 60?",
        "Why engagement 0?",
    ):
        assert words in told


def test_why_stage_as_json_keeps_its_shape(cli: Cli) -> None:
    cli.import_people("An Jansen;an@x.example.com")
    cli("tick")
    told = cli("explain", "Jansen", "--why-stage", "--json").json["why_stage"]
    assert {"stage", "since", "summary", "because", "evidence", "next", "falls_at", "falls_to"} <= set(told)
    assert {"fit", "hits", "misses", "unknowns", "engagement", "half_life", "crossings", "lacks"} <= set(told)
    assert {"about", "ask", "lacks", "points", "reason", "rule"} == set(told["unknowns"][0])
    assert told["half_life"] == 21 * 86_400
