"""Snapshots are read by position: the columns stand in the order of the values' own fields."""

from __future__ import annotations

from dataclasses import fields

from nurture.core.model import Account, Contact, Enrolment
from nurture.store import snapshots


def test_the_columns_of_a_person_are_the_fields_of_a_contact_in_order() -> None:
    assert list(snapshots._COLUMNS) == [field.name for field in fields(Contact)]


def test_the_columns_of_a_company_are_the_fields_of_an_account_in_order() -> None:
    assert list(snapshots._ACCOUNT) == [field.name for field in fields(Account)]


def test_the_columns_of_a_place_are_the_fields_of_an_enrolment_in_order() -> None:
    assert list(snapshots._PLACE) == [field.name for field in fields(Enrolment)]
