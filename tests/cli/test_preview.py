"""`nurture preview`: what it prints and writes."""

from __future__ import annotations

from tests.cli.conftest import Cli


def test_a_mail_is_shown_with_its_headers_and_text(cli: Cli) -> None:
    shown = cli("preview", "comparison/costs", "--locale", "en")
    assert shown.code == 0
    assert "Subject: What does a website cost, really?" in shown.out
    assert "See the prices:" in shown.out


def test_the_html_goes_into_a_file_or_to_standard_output(cli: Cli) -> None:
    written = cli("preview", "comparison/costs", "--html", cli.folder / "mail.html")
    printed = cli("preview", "comparison/costs", "--html", "-")
    assert (written.code, printed.code) == (0, 0)
    assert (cli.folder / "mail.html").read_text(encoding="utf-8").strip() == printed.out.strip()


def test_the_text_alone_can_be_printed(cli: Cli) -> None:
    assert cli("preview", "comparison/costs", "--text").out.startswith("Hallo Annelies,")


def test_somebody_hardly_known_is_greeted_without_a_name(cli: Cli) -> None:
    shown = cli("preview", "comparison/costs", "--text", "--contact", "hardly-known")
    assert shown.out.startswith("Goedendag,")


def test_a_contact_gets_the_mail_in_their_language(cli: Cli) -> None:
    cli("tick")
    cli.import_people("name;email;locale", "Harriet Ashworth;harriet@ashworth.example.com;en")
    cli("tick")
    shown = cli("preview", "comparison/costs", "--text", "--contact", "harriet@ashworth.example.com")
    assert shown.out.startswith("Hello Harriet,")


def test_findings_are_part_of_the_result(cli: Cli) -> None:
    cli.write("templates/nl/mine.html", "---\nsubject: s\n---\n<p>x</p><img src='https://x.example/a.png'>\n")
    found = cli("preview", "mine", "--json").json
    assert {"headers", "locale", "subject", "preheader", "html", "text", "octets", "findings"} <= set(found)
    assert {one["code"] for one in found["findings"]} == {"N430", "N432", "N438", "N439"}


def test_a_template_that_is_wrong_or_missing_ends_with_status_1(cli: Cli) -> None:
    missing = cli("preview", "comparison/csts")
    cli.write("templates/nl/mine.html", "---\nsubject: s\n---\n{{ contact.nme }}\n")
    wrong = cli("preview", "mine")
    assert (missing.code, "did you mean comparison/costs" in missing.err) == (1, True)
    assert (wrong.code, "templates/nl/mine.html:4: contact has no 'nme'" in wrong.err) == (1, True)


def test_without_a_template_it_is_wrong_usage(cli: Cli) -> None:
    assert cli("preview").code == 2


def test_a_text_message_is_shown_with_its_number_and_length(cli: Cli) -> None:
    cli.write("templates/nl/remind.sms.txt", "Dag {{ contact.first_name }} – tot morgen\n")
    shown = cli("preview", "remind.sms")
    assert shown.out.startswith(
        "To: +31201234567\nLength: 25 characters in UCS-2, messages: 1\n\nDag Annelies – tot morgen\n"
    )
    assert {one["code"] for one in cli("preview", "remind.sms", "--json").json["findings"]} == {
        "N412",
        "N413",
        "N452",
    }
