import { expect, test } from 'vitest'
import { detectRepository } from '../../../src/checks/plans/detect-repository.ts'
import { projectOf } from '../../checks/project-of.ts'
import { judgePlan } from './judge-plan.ts'
import { normalCommand } from './normal-command.ts'
import type { ProjectTruth } from './truth.ts'

test.each([
  ['cd web && npx --yes pnpm@9 run test:unit', 'script test:unit'],
  ['npm test', 'script test'],
  ['pnpm --recursive --if-present run typecheck', 'script typecheck'],
  ['uv run --frozen python3 -m pytest tests', 'pytest tests'],
  ['.venv/bin/python3 -m tox run -e py312', 'tox run -e py312'],
  ['python3 manage.py test', 'python manage.py test'],
  ['sh ./mvnw --batch-mode --no-transfer-progress test', 'mvn test'],
  ['bundle exec rake test', 'rake test'],
  [
    'cmake -S . -B build && cmake --build build --parallel 4 && ctest --test-dir build',
    'cmake -S . -B build && cmake --build build && ctest --test-dir build',
  ],
])('%s', (command, normal) => {
  expect(normalCommand(command)).toBe(normal)
})

const FILES = {
  'package.json': '{"scripts":{"test":"vitest run"},"devDependencies":{"vitest":"1"}}',
  'package-lock.json': '{}',
  'api/go.mod': 'module a',
  'api/a_test.go': '',
}
const WEB = { folder: '', ways: ['npm ci => script test'] }
const API = { folder: 'api', ways: ['- => go test*./...'] }

async function verdict(...projects: readonly ProjectTruth[]) {
  const plan = await detectRepository(projectOf(FILES, ['npm']))
  return judgePlan({ name: 'a/b', commit: '', ecosystems: [], projects }, plan)
}

test('a plan is right when every project is tested as people would, and nothing else runs', async () => {
  expect(await verdict(WEB, API)).toEqual({ verdict: 'right', reasons: [] })
  expect(await verdict(WEB, { ...API, optional: true })).toEqual({ verdict: 'right', reasons: [] })
  expect((await verdict({ ...WEB, ways: ['npm ci => npm test'] }, API)).verdict).toBe('right')
  expect(await verdict(WEB)).toEqual({ verdict: 'useful', reasons: ['too much: cd api && go test ./...'] })
})

test('a part is useful; tests without what they need, and other commands, are wrong', async () => {
  const part = { folder: '', ways: ['npm ci => script test:all'], parts: ['npm ci => script test'] }
  expect((await verdict(part, API)).verdict).toBe('useful')
  expect((await verdict({ ...WEB, ways: ['npm ci & build => script test'] })).verdict).toBe('wrong')
  expect((await verdict({ ...WEB, ways: ['npm ci => script check-all'] })).verdict).toBe('wrong')
  expect((await verdict()).verdict).toBe('wrong')
  expect((await verdict({ ...API, ways: ['- => @ go test api/...'] }, WEB)).verdict).toBe('useful')
})

test('a service that the run does not name is missing', async () => {
  const projects = [{ ...WEB, ways: ['npm ci & service: redis => script test'] }]
  const plan = await detectRepository(projectOf({ ...FILES, 'api/go.mod': '' }, ['npm']))
  const verdictWith = (...services: readonly string[]) =>
    judgePlan(
      { name: 'a/b', commit: '', ecosystems: [], projects: [...projects, API] },
      { ...plan, services },
    ).verdict
  expect(verdictWith('redis:7')).toBe('right')
  expect(verdictWith('mysql')).toBe('useful')
})

test('where nothing runs, it matters whether that is said', async () => {
  const judge = async (files: Readonly<Record<string, string>>) =>
    judgePlan(
      { name: 'a/b', commit: '', ecosystems: [], projects: [WEB] },
      await detectRepository(projectOf(files, ['npm'])),
    ).verdict
  expect(await judge({ 'README.md': '' })).toBe('nothing')
  expect(await judge({ 'src/a.test.lua': '' })).toBe('named')
})
