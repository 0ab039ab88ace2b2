import { expect, test } from 'vitest'
import { findCgroups } from '../../../src/sandbox/local/cgroup/find-cgroups.ts'
import { createLocalSandboxProvider } from '../../../src/sandbox/local/local-sandbox.ts'
import { findProgram, probeLocalSandbox } from '../../../src/sandbox/local/probe-local-sandbox.ts'

const probe = await probeLocalSandbox()
const missing = probe.available ? '' : ` (${probe.message})`

const groups = await findCgroups()
const NO_PYTHON = findProgram('python3') === undefined
const MIB = 1024 ** 2
const LIMITS = { memoryBytes: 512 * MIB, diskBytes: 256 * MIB, files: 5000 }

/** Each takes more than its box may, in ways that one process's limits do not see. */
const OF_MEMORY = [
  [
    'memory of several processes',
    'for i in 1 2 3 4 5 6; do node -e "const b = Buffer.alloc(200e6, 1); setInterval(() => b.length, 1e3)" & done; wait',
    'more than 0.5 GiB of memory',
  ],
  [
    'files in memory',
    'for i in 1 2 3 4; do head -c 200M /dev/zero >/tmp/$i; done; sleep 60',
    'more than 0.5 GiB of memory',
  ],
  [
    'memory without a process or a name',
    `python3 -c "import os, time
for i in range(4):
    with os.fdopen(os.dup(os.memfd_create('m')), 'wb') as f: f.write(b'x' * 200_000_000)
time.sleep(60)"`,
    'more than 0.5 GiB of memory',
  ],
] as const
const OF_DISK = [
  [
    'many files on disk',
    'for i in 1 2 3 4; do head -c 90M /dev/zero >$i; done; sleep 60',
    'more than 0.3 GiB of disk',
  ],
  [
    'files in a directory that is shut',
    'mkdir a && for i in 1 2 3 4; do head -c 90M /dev/zero >a/$i; done; chmod 000 a; sleep 60',
    'more than 0.3 GiB of disk',
  ],
  [
    'files without a name',
    'exec 3>a 4>b 5>c 6>d; rm a b c d; for i in 3 4 5 6; do head -c 90M /dev/zero >&$i; done; sleep 60',
    'more than 0.3 GiB of disk',
  ],
  ['empty files', 'seq 1 9000 | xargs touch; sleep 60', 'more than 5,000 files'],
] as const

const MEASURED = [...OF_MEMORY, ...OF_DISK].map(([name, ...rest]) => [name, ...rest, false] as const)
const BY_KERNEL = OF_MEMORY.map(([name, ...rest]) => [`${name} (cgroup)`, ...rest, true] as const)

test.skipIf(!probe.available).for([...MEASURED, ...BY_KERNEL])(
  `a box that takes too much ends, and says why: %s${missing}`,
  { concurrent: true },
  async ([, command, why, useCgroups], { skip, onTestFinished }) => {
    skip(command.startsWith('python3') && NO_PYTHON, 'not installed: python3')
    skip(useCgroups && 'why' in groups, 'no cgroup may be made here')
    const provider = createLocalSandboxProvider({
      deployment: 'limits',
      mode: 'bubblewrap',
      limits: LIMITS,
      useCgroups,
    })
    const sandbox = await provider.create({ runId: 'r', timeoutMs: 600_000, egress: { allowHosts: [] } })
    onTestFinished(() => sandbox.kill())
    const message = expect.stringMatching(`${why}, so it was ended`)
    await expect(sandbox.exec(command)).rejects.toMatchObject({ class: 'over_limit', message })
  },
)
