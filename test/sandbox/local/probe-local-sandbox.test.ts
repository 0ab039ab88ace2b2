import { expect, test } from 'vitest'
import {
  explainBubblewrapFailure,
  installLine,
  probeLocalSandbox,
} from '../../../src/sandbox/local/probe-local-sandbox.ts'

test.for([
  ['ID=debian\nVERSION_ID="12"', 'sudo apt-get install -y bubblewrap'],
  ['NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"', 'sudo apt-get install -y bubblewrap'],
  ['ID=fedora', 'sudo dnf install -y bubblewrap'],
  ['ID="rocky"\nID_LIKE="rhel centos fedora"', 'sudo dnf install -y bubblewrap'],
  ['ID=arch', 'sudo pacman -S --noconfirm bubblewrap'],
  ['ID=alpine', 'sudo apk add bubblewrap bash'],
  ['ID="opensuse-leap"\nID_LIKE="suse opensuse"', 'sudo zypper install -y bubblewrap'],
] as const)('the line that installs bubblewrap fits %j', ([osRelease, line]) => {
  expect(installLine(osRelease)).toBe(line)
})

test('an unknown distribution gets the name of the package', () => {
  expect(installLine('')).toContain('bubblewrap')
})

test('anywhere but on Linux the way is E2B', async () => {
  const probe = await probeLocalSandbox({ platform: 'darwin' })
  expect(probe).toEqual({ available: false, message: expect.stringContaining('E2B_API_KEY') })
})

test.for([
  'bwrap: setting up uid map: Permission denied',
  'bwrap: No permissions to create new namespace, likely because the kernel does not allow non-privileged user namespaces.',
  'bwrap: Creating new namespace failed: Operation not permitted',
  "bwrap: Can't mount proc on /newroot/proc: Operation not permitted",
])('%s means that namespaces are not allowed here, and says how to allow them', (complaint) => {
  const message = explainBubblewrapFailure(complaint)
  expect(message).toContain('kernel.apparmor_restrict_unprivileged_userns=0')
  expect(message).toContain('--security-opt seccomp=unconfined')
  expect(message).toContain(complaint)
})

test('any other failure is passed on in bubblewrap’s own words', () => {
  expect(explainBubblewrapFailure('bwrap: execvp node: No such file')).toContain('execvp node: No such file')
})
