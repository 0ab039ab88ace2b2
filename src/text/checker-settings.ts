/** The ends of paths, each from the beginning of a file's name. */
const NAMES = [
  String.raw`\.?eslint(?:rc)?(?:\.config)?(?:\.\w+)*|\.stylelintrc(?:\.\w+)?|biome\.jsonc?|\.oxlintrc\.json|tslint\.json|\.jshintrc|knip\.\w+`,
  String.raw`\.?ruff\.toml|\.flake8|\.?pylintrc|\.?mypy\.ini|pyrightconfig\.json`,
  String.raw`\.?phpstan(?:\.\w+)*|[\w.-]*phpstan[\w.-]*\.neon(?:\.dist)?|phpstan-baseline\.\w+|psalm(?:-baseline)?\.xml|phpcs\.xml(?:\.dist)?`,
  String.raw`\.golangci\.(?:ya?ml|toml)|\.?clippy\.toml|\.rubocop(?:_todo)?\.yml|\.standard\.yml|\.credo\.exs|\.swiftlint\.yml|\.clang-tidy`,
  String.raw`detekt\.yml|checkstyle\.xml|analysis_options\.yaml|\.scalafix\.conf|\.hlint\.yaml|\.luacheckrc|\.shellcheckrc|\.yamllint(?:\.ya?ml)?|\.solhint\.json`,
  String.raw`buf\.ya?ml|\.sqlfluff|\.?hadolint\.ya?ml|\.spectral\.(?:ya?ml|json|[cm]?js)|\.tflint\.hcl`,
]

/**
 * Files that configure linters and type checkers. Some of these programs have a section in a file with other content
 * instead.
 */
export const CHECKER_SETTINGS = new RegExp(`(?:^|/)(?:${NAMES.join('|')})$`)

/** Files that list what such a program ignores. */
export const CHECKER_IGNORES =
  /(?:^|\/)(?:\.(?:eslint|stylelint|oxlint|flake8|pylint)ignore|\.dialyzer_ignore\.exs|brakeman\.ignore)$/

/** Files that list findings of tests and of programs that watch them, which are no failures. A new one counts as well. */
export const OVERLOOKED =
  /(?:^|\/)(?:archunit_ignore_patterns\.txt|[\w.-]*(?:[altum]san|sanitizer|valgrind)[\w.-]*\.(?:supp|suppressions?|txt))$/
