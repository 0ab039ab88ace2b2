import { expect, test } from 'vitest'
import { checkingForm } from '../../../../src/checks/plans/ci/checking-form.ts'

test.each([
  ['cargo fmt', 'cargo fmt --check'],
  ['cargo fmt --all -- --check', 'cargo fmt --all -- --check'],
  ['prettier --write src', 'prettier --check src'],
  ['npx prettier -w .', 'npx prettier --check .'],
  ['biome check --write src', 'biome check src'],
  ['biome lint --write --unsafe', 'biome lint'],
  ['eslint . --fix', 'eslint .'],
  ['ruff format', 'ruff format --check'],
  ['ruff check --fix .', 'ruff check .'],
  ['uv run ruff format .', 'uv run ruff format --check .'],
  ['black .', 'black --check .'],
  ['isort src', 'isort --check-only src'],
  ['bundle exec rubocop -A', 'bundle exec rubocop'],
  ['dart format .', 'dart format --output=none --set-exit-if-changed .'],
  ['dart format --set-exit-if-changed lib', 'dart format --output=none --set-exit-if-changed lib'],
  ['terraform fmt -recursive', 'terraform fmt -check -recursive'],
  ['mix format', 'mix format --check-formatted'],
  ['gofmt -w .', 'test -z "$(gofmt -l .)"'],
  ['vendor/bin/pint', 'vendor/bin/pint --test'],
  ['clang-format -i a.c', 'clang-format --dry-run --Werror a.c'],
  ['npm test', 'npm test'],
  ['', ''],
])('%j judges as %j', (command, expected) => {
  expect(checkingForm(command)).toBe(expected)
  expect(checkingForm(checkingForm(command))).toBe(expected)
})
