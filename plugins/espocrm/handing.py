"""The hand-over channel `espocrm`: the person as a record of the CRM, and a task with the deadline.

Each is looked up before it is made, by the key that we have written into it; so a notice that comes twice
changes what is there. What sales has changed in a record stays: only what is empty is filled in.
"""

from __future__ import annotations

from typing import Any

from nurture import Dossier, Notice, NoticeKind, NoticeOutcome, notice_subject, render_notice

from .api import Crm, CrmError, Record, talking, written
from .filling import filled, one_line
from .options import Options

PRIORITIES = {NoticeKind.REMINDER: "High", NoticeKind.ESCALATED: "Urgent"}


def contact_key(contact_id: int) -> str:
    """What stands in our field of a person's record."""
    return f"contact-{contact_id}"


def task_key(handover_id: int) -> str:
    """What stands in our field of a task."""
    return f"handover-{handover_id}"


class EspoChannel:
    """A record and a task a hand-over."""

    name = "espocrm"

    def __init__(self, options: Options) -> None:
        self._options = options

    def notify(self, notice: Notice) -> NoticeOutcome:
        options = self._options
        try:
            with talking(options.url, options.api_key.get_secret_value(), options.timeout) as crm:
                if notice.dossier is None:
                    return self._withdraw(crm, notice)
                if notice.kind is NoticeKind.PASSED_ON:
                    return NoticeOutcome(True, reply="the task went to the new assignee")
                record = self._person(crm, notice, notice.dossier)
                task = self._task(crm, notice, notice.dossier, record)
        except CrmError as error:
            return NoticeOutcome(False, error.again, error.message)
        return NoticeOutcome(True, reply=f"{options.record} {record}, Task {task}")

    # --- the person ----------------------------------------------------------------------------------

    def _person(self, crm: Crm, notice: Notice, dossier: Dossier) -> str:
        options, kind = self._options, self._options.record
        wanted: dict[str, Any] = filled(options.attributes, dossier)
        contact = dossier.contact
        if "lastName" not in wanted:
            called = contact.name or contact.email or contact.phone or ""
            wanted["lastName"] = one_line(called) or f"contact {contact.id}"
        user = options.user_of(dossier.assignee)
        found = self._known(crm, dossier, [*wanted, "assignedUserId"])
        if found is None:
            account = self._account(crm, dossier) if kind == "Contact" else {}
            ours = {options.key_field: contact_key(contact.id), **({"assignedUserId": user} if user else {})}
            return str(crm.create(kind, {**wanted, **account, **ours})["id"])
        changes = {name: value for name, value in wanted.items() if not found.get(name)}
        if not found.get(options.key_field):
            changes[options.key_field] = contact_key(contact.id)
        if user and (notice.kind is NoticeKind.REASSIGNED or not found.get("assignedUserId")):
            changes["assignedUserId"] = user
        if changes:
            crm.update(kind, str(found["id"]), changes)
        return str(found["id"])

    def _known(self, crm: Crm, dossier: Dossier, names: list[str]) -> Record | None:
        """By our key; else by the e-mail address, since sales may know the person already."""
        options, contact = self._options, dossier.contact
        select = ["id", options.key_field, *names]
        found = crm.find(options.record, options.key_field, contact_key(contact.id), select)
        if found is None and contact.email:
            found = crm.find(options.record, "emailAddress", contact.email, select)
        return found

    def _account(self, crm: Crm, dossier: Dossier) -> dict[str, str]:
        """A contact hangs on its company's record; of that name, or a new one."""
        name = one_line(dossier.contact.company or (dossier.account and dossier.account.name) or "")
        if not name:
            return {}
        found = crm.find("Account", "name", name, ["id"]) or crm.create("Account", {"name": name})
        return {"accountId": str(found["id"])}

    # --- the task ------------------------------------------------------------------------------------

    def _task(self, crm: Crm, notice: Notice, dossier: Dossier, record: str) -> str:
        options = self._options
        values: dict[str, Any] = {
            "name": one_line(notice_subject(notice)),
            "description": render_notice(notice),
            "priority": PRIORITIES.get(notice.kind, "Normal"),
            "parentType": options.record,
            "parentId": record,
        }
        if dossier.answer_by is not None:
            values["dateEnd"] = written(dossier.answer_by)
        if user := options.user_of(dossier.assignee):
            values["assignedUserId"] = user
        if "answered" in dossier.facts:
            values["status"] = "Completed"
        elif notice.kind in (NoticeKind.OPENED, NoticeKind.RESUMED):
            values["status"] = "Not Started"
        key = task_key(notice.handover_id)
        found = crm.find("Task", options.key_field, key, ["id"])
        if found is None:
            return str(crm.create("Task", {**values, options.key_field: key})["id"])
        crm.update("Task", str(found["id"]), values)
        return str(found["id"])

    def _withdraw(self, crm: Crm, notice: Notice) -> NoticeOutcome:
        """The task, which is ours, loses every word of the person; sales is asked to erase the record."""
        key = task_key(notice.handover_id)
        task = crm.find("Task", self._options.key_field, key, ["id", "parentType", "parentId"])
        if task is None:
            return NoticeOutcome(True, reply="there is no task of it")
        if self._options.on_erasure == "delete":
            if task.get("parentType") == self._options.record and task.get("parentId"):
                crm.delete(self._options.record, str(task["parentId"]))
            crm.delete("Task", str(task["id"]))
            return NoticeOutcome(True, reply="record and task were deleted")
        asked = {
            "name": one_line(notice_subject(notice)),
            "description": notice.why,
            "priority": "Urgent",
            "status": "Not Started",
        }
        crm.update("Task", str(task["id"]), asked)
        return NoticeOutcome(True, reply="the task asks to erase the record")
