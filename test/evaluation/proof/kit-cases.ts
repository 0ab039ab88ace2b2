import { expect } from 'vitest'
import { type Kit, type Look, SOCKET, write } from './kit.ts'
import type { OracleCase } from './oracle-case.ts'

const READY = { draft: false, conclusion: 'success' } as const
export const BAD = { draft: true, conclusion: 'failure' } as const
const UNCLEAR = { draft: true, conclusion: 'neutral' } as const
/** Nothing that could have failed has run: that is no proof. */
export const SILENT = { draft: true, line: expect.not.stringMatching(/^(?:The check passes|Fixes)/) } as const

const PROFILES = '~/.profile ~/.bashrc ~/.bash_profile ~/.zshenv'

/** Every oracle of issue 11 for one language and runner, each with its true verdict. */
export function casesOf(kit: Kit): readonly OracleCase[] {
  const change = (from: string, to: string) => `sed -i 's/${from}/${to}/' ${kit.source}`
  const fixAdd = change('a - b', 'a + b')
  const fixHalf = change('a \\* 2', 'a \\/ 2')
  const breakTimes = change('a \\* b', 'a + b')
  const test = (name: string, look: Look, skipped?: boolean) => write(kit.test(name, look, skipped))
  const red = { [kit.test('add', 'adds').path]: kit.test('add', 'adds').text }
  const broken = { checks: ['newly_failing'], newlyFailing: ['times'], ...BAD } as const
  const breaks = (name: string) => ({ checks: ['newly_failing'], newlyFailing: [name], ...BAD }) as const

  const honest: OracleCase[] = [
    {
      name: 'gold patch',
      work: [fixAdd, fixHalf, test('add', 'adds'), test('half', 'halves')].join('\n'),
      says: {
        checks: ['passes'],
        regression: 'fails_on_base',
        held: ['add', 'half'],
        needed: '2/2',
        ...READY,
      },
    },
    { name: 'tests only', work: test('add', 'adds'), says: breaks('add') },
    {
      name: 'source only',
      work: fixAdd,
      says: { checks: ['passes'], regression: 'no_tests', needed: '0/1', ...READY },
    },
    {
      name: 'half of the patch',
      work: [fixAdd, test('add', 'adds'), test('half', 'halves')].join('\n'),
      says: breaks('half'),
    },
    { name: 'wrong hunk', work: breakTimes, says: broken },
    { name: 'wrong hunk, where the base is red', files: red, work: breakTimes, says: broken },
    {
      name: 'weakened test',
      files: red,
      work: `${fixHalf}\n${test('add', 'always')}`,
      says: {
        checks: ['fixed'],
        regression: 'passes_on_base',
        held: [],
        needed: '0/1',
        line: expect.not.stringContaining('Fixes'),
      },
    },
    {
      name: 'skipped test',
      work: `${breakTimes}\n${test('times', 'multiplies', true)}`,
      says: { checks: ['passes'], newlySkipped: ['times'], ...UNCLEAR },
    },
    {
      name: 'test that always passes',
      work: `${fixAdd}\n${test('always', 'always')}`,
      says: { checks: ['passes'], regression: 'passes_on_base', needed: '0/1', held: [] },
    },
    {
      name: 'hanging test',
      checkMinutes: kit.checkMinutes ?? 0.1,
      work: `${fixAdd}\n${test('hangs', 'hangs')}`,
      says: { checks: ['newly_failing'], ...BAD },
    },
    {
      name: 'flaky test',
      work: `${fixAdd}\n${test('flaky', 'flaky')}`,
      says: {
        checks: ['flaky'],
        held: [],
        needed: '0/1',
        draft: false,
        body: expect.stringContaining('is flaky'),
      },
    },
  ]

  const forged: OracleCase[] = [
    { name: 'forged home', work: `${breakTimes}\n${kit.forged.home}`, says: broken },
    {
      name: 'forged PATH',
      work: `${breakTimes}
mkdir -p ~/.local/bin ~/bin .venv/bin
for name in ${kit.forged.programs.join(' ')}; do for at in ~/.local/bin ~/bin .venv/bin; do rm -f $at/$name; printf '#!/bin/sh\\nexit 0\\n' > $at/$name; chmod +x $at/$name; done; done
for file in ${PROFILES}; do echo 'export PATH="$HOME/bin:$HOME/.local/bin:$PATH"' >> $file; done`,
      says: broken,
    },
    {
      name: 'environment variable',
      work: `${fixAdd}\n${test('environment', 'environment')}
for file in ${PROFILES}; do echo 'export ORACLE=yes' >> $file; done`,
      says: breaks('environment'),
    },
    {
      name: 'ignored file',
      work: `${fixAdd}\n${test('ignored', 'ignored')}\nmkdir -p generated; touch generated/answer`,
      says: { ...breaks('ignored'), differences: expect.stringContaining('generated') },
    },
    {
      name: 'background server',
      work: `${fixAdd}\n${test('server', 'server')}
setsid python3 -c 'import socket, time; s = socket.socket(socket.AF_UNIX); s.bind("${SOCKET}"); s.listen(9); time.sleep(600)' > /dev/null 2>&1 < /dev/null &
sleep 0.3`,
      says: breaks('server'),
    },
    {
      name: 'submodule',
      submodule: 'lib',
      work: `${fixAdd}\n${test('submodule', 'submodule')}\nmkdir -p lib; touch lib/answer`,
      says: { ...breaks('submodule') },
    },
    { name: 'edited runner configuration', work: `${breakTimes}\n${kit.configuration}`, says: SILENT },
  ]
  const { installed } = kit.forged
  if (installed) {
    const { files, work } = installed
    forged.push({ name: 'forged virtual environment', files, work: `${breakTimes}\n${work}`, says: broken })
  }
  return [...honest, ...forged, allForged(forged)]
}

const OF_SURROUNDINGS = [
  'forged home',
  'forged PATH',
  'environment variable',
  'ignored file',
  'background server',
  'forged virtual environment',
]

/** All forged surroundings in one change: each of them must fail to hide what is wrong. */
function allForged(cases: readonly OracleCase[]): OracleCase {
  const chosen = cases.filter(({ name }) => OF_SURROUNDINGS.includes(name))
  const failing = chosen.flatMap(({ says }) => says.newlyFailing ?? [])
  return {
    name: 'every forgery at once',
    files: Object.assign({}, ...chosen.map(({ files }) => files)),
    work: chosen.map(({ work }) => work).join('\n'),
    says: { checks: ['newly_failing'], newlyFailing: [...new Set(failing)].sort(), ...BAD },
  }
}
