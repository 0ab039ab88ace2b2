import { expect, test } from 'vitest'
import { instrument } from '../../../src/verify/runners/instrument.ts'
import { projectOf } from '../project-of.ts'

const PATTERN = '*/meson-logs/testlog*.junit.xml'

test.each([
  ['meson setup b && meson test -C b', [PATTERN], []],
  ['meson setup /tmp/build . && meson test -C /tmp/build --print-errorlogs', [PATTERN], ['/tmp/build']],
  ['meson test -C/tmp/x/../../etc', [PATTERN], []],
  ['meson test -C /tmp/b;reboot', undefined, undefined],
  ['sbt test', ['*/target/test-reports/*.xml'], undefined],
] as const)('%s: the files that it writes by itself, where it builds', async (command, patterns, outside) => {
  const instrumented = await instrument(command, { project: projectOf({}), folder: '/r' })
  const junit = instrumented?.reports.find(({ format }) => format === 'junit')
  expect(junit?.source).toEqual(patterns && { kind: 'newer', patterns, ...(outside && { outside }) })
  if (junit) expect(instrumented).toMatchObject({ command, isSafe: true })
})

test('tests that a makefile starts are named by what their language writes or prints', async () => {
  const inside = projectOf({ 'a/go.mod': '', 'b/pom.xml': '' })
  expect(await instrument('make test', { project: inside, folder: '/r' })).toMatchObject({
    command: 'export GOFLAGS="$(go env GOFLAGS 2>/dev/null) -v"\nmake test',
    reports: [{ format: 'junit', source: { kind: 'newer' } }, { format: 'printed' }],
    isSafe: true,
  })
})
