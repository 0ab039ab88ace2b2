import { expect, test } from 'vitest'
import { nameMissingServers, serversNotReached } from '../../../src/pipeline/sandbox/name-missing-servers.ts'
import type { RunEvent } from '../../../src/runs/run-event.ts'
import type { Sandbox } from '../../../src/sandbox/sandbox.ts'

test.each([
  ['Caused by: java.lang.IllegalStateException: Could not find a valid Docker environment.', 'Docker'],
  ['panic: rootless Docker not found', 'Docker'],
  ['Error: Could not find a working container runtime strategy', 'Docker'],
  ['Error: connect ENOENT /var/run/docker.sock', 'Docker'],
  [
    'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    'Docker',
  ],
  ['dial tcp 127.0.0.1:6379: connect: connection refused', 'Redis 127.0.0.1:6379'],
  ['dial tcp [::1]:27017: connect: connection refused', 'MongoDB localhost:27017'],
  ['Error: connect ECONNREFUSED 127.0.0.1:5432', 'PostgreSQL 127.0.0.1:5432'],
  [
    '    connection to server at "localhost" (127.0.0.1), port 5432 failed: Connection refused',
    'PostgreSQL localhost:5432',
  ],
  [
    'org.postgresql.util.PSQLException: Connection to localhost:5432 refused. Check that',
    'PostgreSQL localhost:5432',
  ],
  [
    'connection to server on socket "/var/run/postgresql/.s.PGSQL.5432" failed: No such file or directory',
    'PostgreSQL',
  ],
  ["(2002, \"Can't connect to local MySQL server through socket '/run/mysqld/mysqld.sock' (2)\")", 'MySQL'],
  ["(2003, \"Can't connect to MySQL server on 'localhost' ([Errno 111] Connection refused)\")", 'MySQL'],
  [
    'redis.exceptions.ConnectionError: Error 111 connecting to localhost:6379. Connection refused.',
    'Redis localhost:6379',
  ],
  ['connect ECONNREFUSED 127.0.0.1:43817', ''],
  ['listening on localhost:5432', ''],
  ['connection refused by db.example.org:5432', ''],
])('%s', (line, expected) => {
  const found = serversNotReached(`before\n${line}\n${line}\nafter`)
  expect(found.map(({ name, address = '' }) => `${name} ${address}`.trim()).join()).toBe(expected)
})

test('a server is named once per run, and not if CI is known to start it', async () => {
  const notices = ['CI tests with `postgres:16` (`ci.yml`), and this sandbox does not have that: …']
  const inner = {
    exec: async (printed: string) => ({
      exitCode: /refused|docker/.test(printed) ? 1 : 0,
      stdout: printed,
      stderr: '',
    }),
  } as unknown as Sandbox
  const sandbox = nameMissingServers(inner, {
    notice: (_level, message) => void notices.push(message),
    events: async () => notices.map((message) => ({ type: 'notice', level: 'warning', message }) as RunEvent),
  })
  await sandbox.exec('connect ECONNREFUSED 127.0.0.1:5432')
  for (let count = 0; count < 2; count++)
    await sandbox.exec('connect ECONNREFUSED 127.0.0.1:6379\nconnect ENOENT /var/run/docker.sock')
  expect(notices.slice(1)).toEqual([
    'A command could not reach Redis at `127.0.0.1:6379`: tests that need it fail here, with and without the change. Install and start it with `setup` and `services` in `.github/backspace.yml`.',
    'A command needs Docker, and the sandbox has none: tests that start containers fail here, with and without the change.',
  ])
})
