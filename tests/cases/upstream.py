"""The cases in which upstream's Python instance fails, and what it does instead.

`--upstream-cases` checks that it still fails in these, and in no other. docs/differences-from-upstream.md has the same
table.
"""

FAILURES: dict[str, str] = {
    f"test_case_{case}": instead
    for case, instead in {
        "02_the_id_is_in_the_alphabet_that_the_worker_decodes": "the id is in the URL-safe alphabet",
        "08_an_unknown_schema_ends_the_start_with_its_name": "a traceback about a missing attribute",
        "10_what_failed_comes_again_after_the_configured_delay": "`negativeAckRedeliveryDelayMs` has no effect",
        "12_an_output_that_the_broker_rejects_holds_its_input_back": "it waits for a terminated topic, untold",
        "12_the_status_says_why_the_broker_rejected_it": "it waits for a terminated topic, untold",
        "13_an_oversized_output_harms_no_neighbour": "the status says `NoneType: None`",
        "14_at_most_once_processes_nothing_of_a_batch_twice": "all of a batch comes again after a crash",
        "18_ack_takes_the_name_of_an_input_with_a_short_name": "`context.ack` raises ValueError",
        "18_ack_takes_the_name_of_a_topic_that_a_pattern_found": "`context.ack` raises ValueError",
        "20_effectively_once_loses_nothing_of_a_batch": "outputs of a batch but its first are lost",
        "20_effectively_once_adds_nothing_when_killed": "outputs of a batch but its first are lost",
        "20_effectively_once_stores_nothing_behind_an_output_that_is_too_large": "it goes on with the next message",
        "20_effectively_once_loses_nothing_of_overlapping_calls_when_one_fails": "coroutines are not awaited",
        "24_what_always_fails_ends_in_the_dead_letter_topic": "`retryDetails` has no effect",
        "27_skip_to_latest_skips_the_backlog": "`skipToLatest` has no effect",
        "28_a_short_ack_timeout_is_raised_to_what_the_client_takes": "it does not start",
        "29_as_many_outputs_wait_as_are_allowed_to": "`maxPendingMessages` has no effect",
        "29_batching_can_be_switched_off": "`batchingSpec` has no effect",
        "30_properties_are_forwarded_when_asked": "`forwardSourceMessageProperty` has no effect",
        "32_the_map_of_no_user_config_is_empty": "it is a list",
        "35_a_deleted_counter_is_none": "it is 0",
        "35_without_state_a_deletion_says_why_it_is_refused": "AttributeError",
        "37_the_log_file_has_it_too_in_its_format": "what goes to the log topic is not in the file",
        "38_what_was_finished_is_stored_and_acknowledged": "what lingers is lost, its inputs come again",
        "39_an_exit_by_user_code_is_no_zombie": "it goes on, healthy in its status, and processes nothing",
        "39_a_raising_constructor_ends_the_start_with_its_error": "each message fails for a missing argument",
        "40_a_field_of_a_newer_worker_does_not_stop_it": "it does not start",
        "40_no_authentication_parameter_is_in_any_log": "the first line of the log has them",
    }.items()
}
