# The lints on the tree, and the lints' own test: plain scripts, so that a breach shows up wherever the tests run.
add_test(NAME lint_layering COMMAND ${PROJECT_SOURCE_DIR}/tests/lint/layering.sh ${PROJECT_SOURCE_DIR})
add_test(NAME lint_portable COMMAND ${PROJECT_SOURCE_DIR}/tests/lint/portable.sh ${PROJECT_SOURCE_DIR})
add_test(NAME lint_test COMMAND ${PROJECT_SOURCE_DIR}/tests/lint/lint_test.sh)
