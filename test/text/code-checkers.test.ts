import { expect, test } from 'vitest'
import { looksOnly, runsTests } from '../../src/text/code-checkers.ts'

test.each([
  'eslint .',
  'npx --no-install eslint src test',
  'yarn run prettier --check .',
  'pnpm exec biome ci',
  'NODE_ENV=test bunx knip',
  'uv run ruff check . && uv run mypy src tests',
  'python -m flake8 tests',
  'bundle exec rubocop',
  'cargo clippy --all-targets -- -D warnings',
  'cargo fmt --check; go vet ./...',
  'tsc --noEmit -p tests',
  'npm run lint:tests',
  'npm run test:types',
  'cd web && yarn type-check',
  'make lint',
  'pnpm --recursive --if-present run lint',
  'yarn workspaces foreach -A run js:lint',
  'tox -e lint',
  'hatch run lint:all',
  'node_modules/.bin/eslint test',
  'vendor/bin/phpstan analyse tests',
])('only looks at code: %s', (command) => {
  expect([looksOnly(command), runsTests(command)]).toEqual([true, false])
})

test.each([
  'npm test',
  'npm run lint && npm test',
  'eslint . && jest',
  'uv run pytest',
  'cd api && python -m unittest',
  'cargo nextest run',
  './gradlew --no-daemon check',
  'mvn --batch-mode --no-transfer-progress verify',
  'npm run test:formatting-rules',
  'pytest tests/test_lint.py',
  'go vet ./... ; go test ./...',
  'tox',
])('runs tests: %s', (command) => {
  expect([looksOnly(command), runsTests(command)]).toEqual([false, true])
})

test.each([
  'tsc -p tests',
  'npm run build',
  'npm run types',
  'make',
  'node scripts/generate.js',
  'mvn -B -DskipTests package',
  '',
])('makes something, or says nothing: %s', (command) => {
  expect([looksOnly(command), runsTests(command)]).toEqual([false, false])
})
