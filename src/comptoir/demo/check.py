"""The demo's story without a person: each step says what it saw, and the first that fails ends it."""

import argparse
import sys
import traceback
from pathlib import Path

from comptoir.cli import check_books

from . import scenes_customers, scenes_products, scenes_team
from .stage import Stage, StepFailed

STORY = (
    scenes_team.log_in,
    scenes_team.import_customers,
    scenes_team.import_old_invoices,
    scenes_team.compare_with_the_old_system,
    scenes_team.send_first_wave,
    scenes_customers.letters_arrive,
    scenes_customers.owner_sets_first_password,
    scenes_customers.owner_sees_only_own_company,
    scenes_customers.owner_saves_bank_account,
    scenes_customers.owner_writes_a_message,
    scenes_team.team_answers_the_message,
    scenes_customers.owner_reads_the_answer,
    scenes_team.clock_goes_to_issue_date,
    scenes_team.bill_run_is_planned_and_approved,
    scenes_customers.invoices_arrive,
    scenes_customers.check_payer_pays_once,
    scenes_team.clock_goes_to_due_date,
    scenes_customers.autopay_is_processing,
    scenes_team.clock_goes_on_until_settled,
    scenes_customers.everything_is_paid,
    scenes_products.owner_comes_in_to_each_product,
    scenes_products.owner_logs_out_of_one_product_and_so_of_all,
    scenes_products.check_payer_comes_in_to_products,
    scenes_team.next_bill_run_is_planned_and_approved,
    scenes_team.clock_goes_to_final_notice,
    scenes_customers.check_payer_is_reminded,
    scenes_team.clock_goes_to_night_of_suspension,
    scenes_products.suspended_company_is_locked_out,
    scenes_products.suspended_company_keeps_its_till,
    scenes_products.company_pays_and_comes_back_at_once,
)


def run(*, base_url: str, sandbox_url: str, products_url: str, home: Path) -> int:
    """Go through the whole story and prove the books; return 0, or 1 when a step failed."""
    stage = Stage(base_url=base_url, sandbox_url=sandbox_url, products_url=products_url)
    for number, scene in enumerate(STORY, start=1):
        title = scene.__name__.replace("_", " ")
        try:
            saw = scene(stage)
        except StepFailed as failure:
            return _failed(f"{number:2}. {title}: {failure}", log=home / "log")
        except Exception as surprise:  # noqa: BLE001  whatever it was, the step that met it is named
            (home / "log" / "check.log").write_text(traceback.format_exc())
            return _failed(f"{number:2}. {title}: {type(surprise).__name__}: {surprise}", log=home / "log")
        print(f"ok      {number:2}. {title}: {saw}", flush=True)
    return check_books.run(argparse.Namespace())


def _failed(what: str, *, log: Path) -> int:
    print(f"FAILED  {what}", flush=True)
    print(f"The logs are in {log}.", file=sys.stderr)
    return 1
