import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { findCause } from '../../../src/checks/causes/find-cause.ts'
import { whyCannotRun } from '../../../src/checks/why-cannot-run.ts'
import { whyNoEnd } from '../../../src/checks/why-no-end.ts'
import { stripTerminalOutput } from '../../../src/text/terminal-text.ts'
import { expectLinear } from '../../support/growth.ts'

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
const egressHosts = ['registry.npmjs.org', 'pypi.org', 'proxy.golang.org', '*.maven.apache.org']
const causeOf = (output: string, exitCode = 1) =>
  findCause({ exitCode, output: stripTerminalOutput(output), egressHosts })

/** What real tools printed on Linux, and what is to be read out of it. */
const REAL = read('expected.jsonl')
  .trim()
  .split('\n')
  .map((line): { file: string; exitCode: number; kind: string; text: string; cannotRun?: string } =>
    JSON.parse(line),
  )

test.each(REAL)('$file: $kind, $text', ({ file, exitCode, kind, text, cannotRun }) => {
  const output = read(`outputs/${file}.txt`)
  expect(causeOf(output, exitCode)).toMatchObject({ kind, text })
  const reason = whyCannotRun({ exitCode, output: stripTerminalOutput(output) })
  expect(reason).toBe(cannotRun === undefined ? undefined : `could not run because ${cannotRun}`)

  // The same with the line ends of Windows, in colour, and between much other output.
  const windows = output.replaceAll('\n', '\r\n')
  const coloured = output.replaceAll(/^/gm, '\x1b[31m').replaceAll('\n', '\x1b[0m\n')
  const filler = Array.from({ length: 200 }, (_, index) => `Compiling part ${index} of the project`).join(
    '\n',
  )
  for (const variant of [windows, coloured, `${filler}\n${output}`]) {
    expect(causeOf(variant, exitCode)).toMatchObject({ kind, text })
  }
})

/** Tools that are not on this machine, as their sources and their users show what they print. */
const REPORTED: readonly (readonly [output: string, kind: string, text: string, exitCode?: number])[] = [
  [
    '➤ YN0028: │ The lockfile would have been modified by this install, which is explicitly forbidden.',
    'lock_file',
    'yarn.lock',
  ],
  ['error: lockfile had changes, but lockfile is frozen', 'lock_file', 'lock file do not match'],
  [
    'npm ERR! code E401\nnpm ERR! 401 Unauthorized - GET https://npm.pkg.github.com/@acme%2fkit',
    'access',
    'credentials',
  ],
  ['Your Ruby version is 3.1.2, but your Gemfile specified ~> 3.3', 'version', 'Ruby `~> 3.3`'],
  [
    "Could not find gem 'acme-kit (~> 2.0)' in rubygems repository https://rubygems.org/ or installed locally.",
    'package',
    'acme-kit',
  ],
  [
    "Could not find 'bundler' (2.5.6) required by your /home/user/workspace/Gemfile.lock.",
    'program',
    'Bundler `2.5.6`',
  ],
  [
    '  - Root composer.json requires acme/kit ^1.0, it could not be found in any version, there may be a typo',
    'package',
    'acme/kit',
  ],
  [
    '  - Root composer.json requires php ^8.4 but your php version (8.2.1) does not satisfy that requirement.',
    'version',
    'PHP',
  ],
  [
    '  - acme/kit 1.0 requires ext-intl * -> it is missing from your system.',
    'library',
    'PHP extension `intl`',
  ],
  ['error NU1101: Unable to find package Acme.Kit. No packages exist with this id', 'package', 'Acme.Kit'],
  ['A compatible .NET SDK was not found.\nRequested SDK version: 9.0.100', 'version', '.NET SDK'],
  [
    '[ERROR] Rule 0: org.apache.maven.enforcer.rules.version.RequireMavenVersion failed with message:\n[ERROR] Detected Maven Version: 3.8.7 is not in the allowed range [3.9,).',
    'version',
    'Maven Version: 3.8.7 is not in the allowed range [3.9,)',
  ],
  [
    "* What went wrong:\nExecution failed for task ':compileJava'.\n> error: invalid source release: 21",
    'version',
    'Java',
  ],
  [
    '> Could not resolve com.acme:kit:1.0.\n   > Could not find com.acme:kit:1.0.',
    'package',
    'com.acme:kit:1.0',
  ],
  [
    "ERROR: JAVA_HOME is not set and no 'java' command could be found in your PATH.",
    'program',
    'Java is not installed',
  ],
  [
    'Downloading https://services.gradle.org/distributions/gradle-8.10-bin.zip\nException in thread "main" java.net.UnknownHostException: services.gradle.org',
    'network',
    '`services.gradle.org`: it is not in BACKSPACE_EGRESS',
  ],
  [
    'error: could not download file from https://static.rust-lang.org/dist/channel-rust.toml\n  CONNECT tunnel failed, response 403',
    'network',
    '`static.rust-lang.org`',
  ],
  [
    "fatal: could not read Username for 'https://github.com': terminal prompts disabled",
    'access',
    'credentials',
  ],
  ['git@github.com: Permission denied (publickey).', 'access', 'credentials'],
  ['E: Unable to locate package libpq-dev', 'package', 'system package `libpq-dev`', 100],
  [
    'E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)\nE: Unable to acquire the dpkg frontend lock, are you root?',
    'access',
    'administrator',
    100,
  ],
  ['bash: Zeile 2: uv: Kommando nicht gefunden.', 'program', '`uv` is not installed', 127],
  ['bash: ligne 2: uv : commande introuvable', 'program', '`uv` is not installed', 127],
  ['cp: Fehler beim Schreiben: Auf dem Gerät ist kein Speicherplatz mehr verfügbar', 'disk', 'disk'],
  ['/bin/bash: line 1:  4242 Killed                  node build.js', 'memory', 'memory', 137],
  ['', 'other', 'it printed nothing'],
  ['', 'memory', 'killed', 137],
]

const CASES = REPORTED.map(([output, kind, text, exitCode = 1]) => ({ output, kind, text, exitCode }))

test.each(CASES)('$output is read as $kind', ({ output, kind, text, exitCode }) => {
  const cause = causeOf(output, exitCode)
  expect(cause).toMatchObject({ kind, text: expect.stringContaining(text) })
})

test('a registry that cannot be reached is the cause, not the package that it then seems to lack', () => {
  const output = [
    "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError: Failed to establish a new connection': /simple/requests/",
    'ERROR: Could not find a version that satisfies the requirement requests (from versions: none)',
  ]
  expect(causeOf(output.join('\n')).kind).toBe('network')
  expect(causeOf(output.slice(1).join('\n')).kind).toBe('package')
})

test('a wrapper that cannot fetch its tool could not run', () => {
  const url = 'https://services.gradle.org/distributions/gradle-9.0-bin.zip'
  const failed = (error: string) => `Exception in thread "main" java.io.IOException: ${error}`
  for (const error of [
    `Downloading from ${url} failed: timeout`,
    'Unable to tunnel through proxy. Proxy returns "HTTP/1.1 403 Forbidden"',
  ]) {
    const output = `Downloading ${url}\n\n${failed(error)}`
    expect(whyCannotRun({ exitCode: 1, output })).toBe(
      `could not run because its wrapper could not fetch \`${url}\``,
    )
  }
  expect(whyCannotRun({ exitCode: 1, output: failed('Unable to tunnel through proxy') })).toMatch(
    /its build tool$/,
  )
})

test.each([
  [
    "/usr/lib/bundler/resolver.rb:271:in `block': Could not find gem 'rake' in locally installed gems. (Bundler::GemNotFound)",
    'rake',
  ],
  [
    "/usr/lib/bundler/definition.rb:486:in `materialize': Could not find rake-13.0.0 in any of the sources (Bundler::GemNotFound)",
    'rake-13.0.0',
  ],
  ["Could not find gem 'rspec (~> 3.0)' in any of the gem sources listed in your Gemfile.", 'rspec'],
])('a bundle that was not installed could not run: %s', (line, gem) => {
  expect(whyCannotRun({ exitCode: 1, output: `${line}\n\tfrom /usr/lib/bundler/x.rb:1:in \`map!'` })).toBe(
    `could not run because \`${gem}\` is not installed`,
  )
})

test('a build that Maven refuses to begin, whose registry does not answer, or whose compiler is too old for the JDK, could not run', () => {
  const output = '[ERROR] Detected JDK version 11.0.2 (JAVA_HOME=/opt/jdk) is not in the allowed range [17,).'
  expect(whyCannotRun({ exitCode: 1, output })).toBe(
    'could not run because its build asks for another version: `JDK version 11.0.2 (JAVA_HOME=/opt/jdk) is not in the allowed range [17,)`',
  )
  const unknown =
    '[FATAL] Non-resolvable parent POM for g:a:1: The following artifacts could not be resolved: g:p:pom:103 (absent): Could not transfer artifact g:p:pom:103 from/to central (https://example.org/maven2): example.org: Name or service not known'
  expect(whyCannotRun({ exitCode: 1, output: unknown })).toBe(
    'could not run because `g:p:pom:103` could not be fetched',
  )
  const old =
    '[ERROR] A.java:[1,2] cannot access java.io.IOException\n  bad class file: /modules/java.base/java/io/IOException.class\n    class file has wrong version 61.0, should be 53.0'
  expect(whyCannotRun({ exitCode: 1, output: old })).toBe(
    'could not run because its compiler cannot read the classes of this Java, which is newer: it needs an older Java',
  )
})

test('a failing test that prints about missing programs has run', () => {
  for (const output of [
    "FAIL test/cli.test.js\n  ● says so\n    expected 'command not found: foo' to be ''",
    "E   ModuleNotFoundError: No module named 'flask'\n1 error in 0.12s",
    "Error: Cannot find module './missing'\nRequire stack:\n- /home/user/workspace/a.test.js",
    'not ok 1 - prints "sh: 1: vitest: not found" for people',
    '  at Object.<anonymous> (make: *** No rule to make target)',
  ]) {
    expect([output, whyCannotRun({ exitCode: 1, output })]).toEqual([output, undefined])
  }
})

test('what is shown of an output has no effect in Markdown', () => {
  const nasty = '`</details><script>@everyone [x](https://evil.example) ![](https://evil.example/a.png)'
  for (const output of [
    `npm error notarget No matching version found for ${nasty}@1.`,
    `Error: ${nasty}`,
    `bash: line 2: ${nasty}: command not found`,
    `ERROR: Could not find a version that satisfies the requirement ${nasty}`,
    `notsup Required: {"node":"${nasty}"}`,
  ]) {
    const { text, advice } = causeOf(output, 127)
    for (const part of [text, advice]) {
      // Outside of code spans nothing is left of it.
      expect(part.replaceAll(/(`+)[^`](?:.*?[^`])?\1(?!`)/g, '')).not.toMatch(/[<@[\]]|evil/)
    }
  }
})

test.each([
  'error: ',
  'cannot find -l\n',
  'npm ERR! path /node_modules/',
  'https://a.',
  "No module named 'pytest",
  '/x: ',
  ': not found\n',
  'getaddrinfo host=a-',
  'make: *** ',
  ' Killed  ',
  'Required: {',
  'sh: 1: \n',
])('a log of ten megabytes of %j takes no longer than its two ends', (unit) => {
  expectLinear(
    (text) => {
      findCause({ exitCode: 127, output: text, egressHosts })
      whyCannotRun({ exitCode: 127, output: text })
      whyNoEnd({ command: 'npm test', output: text, limitMs: 1000 })
    },
    unit,
    10_000_000,
  )
})
