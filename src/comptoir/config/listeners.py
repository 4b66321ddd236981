"""Who is told of what: every event, and the listeners of the layers above it.

A listener is called in the worker, at least once, in order per topic; it must be idempotent.
"""

EVENT_LISTENERS: dict[str, list[str]] = {
    "import_requested": ["comptoir.cutover.tasks.run_import"],
    "wave_sent": ["comptoir.cutover.tasks.send_letters"],
    "bill_run_requested": ["comptoir.invoicing.tasks.plan_bill_run"],
    "bill_run_approved": ["comptoir.invoicing.tasks.issue_bill_run"],
    "correction_approved": ["comptoir.invoicing.tasks.carry_out_correction"],
    "credit_note_issued": ["comptoir.notices.tasks.send_credit_note"],
    "invoices_issued": ["comptoir.notices.tasks.send_invoices"],
    "webhook_received": ["comptoir.payments.tasks.handle_webhook"],
    "payment_requested": [
        "comptoir.payments.tasks.submit_requested",
        "comptoir.notices.tasks.send_consent_statement",
    ],
    "invoice_mail_requested": ["comptoir.notices.tasks.send_invoice_again"],
    "print_batch_requested": ["comptoir.notices.tasks.print_batch"],
    "pay_link_requested": ["comptoir.notices.tasks.send_pay_link"],
    "payment_method_removed": ["comptoir.payments.tasks.forget_method"],
    "payment_succeeded": ["comptoir.notices.tasks.send_receipt"],
    "payment_failed": ["comptoir.notices.tasks.send_payment_failed"],
    "deposit_closed": ["comptoir.payments.checks.tasks.post_closed"],
    "check_decided": ["comptoir.payments.checks.tasks.do_decided"],
    "payment_returned": ["comptoir.notices.tasks.send_payment_returned"],
    "card_expires": ["comptoir.notices.tasks.send_card_expires"],
    "verification_awaited": ["comptoir.notices.tasks.send_verification_awaited"],
    "staff_invited": ["comptoir.notices.tasks.send_staff_invitation"],
    "mail_reported": ["comptoir.mailer.tasks.take_in_report"],
    "mail_decided": ["comptoir.mailer.tasks.carry_out_decision", "comptoir.notices.tasks.mail_is_settled"],
    "mail_address_marked": ["comptoir.notices.tasks.mail_came_back"],
    "mail_address_cleared": ["comptoir.notices.tasks.mail_is_settled"],
    "mail_in_doubt": ["comptoir.notices.tasks.mail_is_in_doubt"],
    "mail_failed": ["comptoir.notices.tasks.mail_has_failed"],
    "billing_email_change_asked": ["comptoir.notices.tasks.tell_of_email_change"],
    "message_written": ["comptoir.notices.tasks.tell_of_message", "comptoir.notices.tasks.follow_thread"],
    "message_closed": ["comptoir.notices.tasks.follow_thread"],
    "clock_advance_requested": ["comptoir.config.jobs.advance_clock"],
}
