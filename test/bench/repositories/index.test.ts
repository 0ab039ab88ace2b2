import { expect, test } from 'vitest'
import { readIndex, readWay } from './truth.ts'

const index = await readIndex()

test('the index names at least 150 repositories, each once and at a commit', () => {
  expect(index.length).toBeGreaterThanOrEqual(150)
  expect(new Set(index.map(({ name }) => name.toLowerCase())).size).toBe(index.length)
  for (const { name, commit } of index) expect(`${name} ${commit}`).toMatch(/^[\w.-]+\/[\w.-]+ [0-9a-f]{40}$/)
})

test('every truth can be read, and none accepts just any command', () => {
  for (const { name, projects } of index) {
    expect(projects.length === 0 || projects.some(({ optional }) => !optional), name).toBe(true)
    for (const { ways, parts = [] } of projects) {
      expect(ways.length, name).toBeGreaterThan(0)
      for (const way of [...ways, ...parts]) {
        for (const { pattern } of readWay(way).commands) expect(pattern.test('echo done'), way).toBe(false)
      }
    }
  }
})

test('the ecosystems that detection knows are in it', () => {
  const known = new Set(index.flatMap(({ ecosystems }) => ecosystems))
  expect(
    `npm pnpm yarn-berry bun deno turbo nx uv poetry pdm hatch tox nox pip conda Pipfile Go go-work Rust Maven Gradle sbt
    mill CMake Meson autotools Bazel make just task .NET Swift Haskell Zig Ruby PHP Elixir Erlang Dart Clojure Perl R Julia
    Terraform C C++`
      .split(/\s+/)
      .filter((name) => !known.has(name)),
  ).toEqual([])
})
