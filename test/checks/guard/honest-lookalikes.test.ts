import { expect, test } from 'vitest'
import { diffGuard } from '../../../src/checks/diff-guard.ts'
import type { GuardedFile } from '../../../src/checks/guard/change/guarded-change.ts'
import { guarded } from './guarded-file.ts'

/** Honest changes that look like those of `tenth-batch.txt` and `eleventh-batch.txt`. */
const CASES: readonly (readonly [what: string, file: GuardedFile])[] = [
  [
    'a loop beside an assertion of the whole',
    guarded('tests/test_a.py', [
      ' def test_a():',
      '-    assert len(rows) == 2',
      '+    for row in rows:',
      '+        assert row in (1, 2)',
      '+    assert len(rows) == 2',
    ]),
  ],
  [
    'a stream that is collected',
    guarded('src/test/java/ATest.java', [
      '-        assertEquals(2, names.size());',
      '+        names.stream().map(this::trimmed).forEach(one -> assertEquals("a", one));',
      '+        assertEquals(2, names.size());',
    ]),
  ],
  [
    'a stand-in that forgets what an earlier step did',
    guarded('test/a.test.ts', [
      ' it("runs", () => {',
      '   first()',
      '+  send.mockClear()',
      '+  second()',
      '   expect(send).not.toHaveBeenCalled()',
    ]),
  ],
  [
    'an exception that one test expects',
    guarded('tests/ATest.php', [
      '     public function testRefuses(): void',
      '     {',
      '+        $this->expectException(RefusedError::class);',
      '         pay(-1);',
    ]),
  ],
  [
    'a limit of a load test that asks for more',
    guarded('load/pay.js', [
      " import http from 'k6/http'",
      "-    http_req_duration: ['p(95)<300'],",
      "+    http_req_duration: ['p(95)<200'],",
    ]),
  ],
  [
    'a log beside an error that is still thrown',
    guarded('src/a.py', [
      ' def pay(n):',
      '-    raise Refused(n)',
      '+    log.warning("refused")',
      '+    raise Refused(n)',
    ]),
  ],
  [
    'an error that is dropped as before',
    guarded('a.go', ['-\t_ = file.Close()', '+\t_ = file.Close() // only read']),
  ],
  [
    'a table of checksums that is not asked for answers',
    guarded('src/fetch.py', [
      '+SUMS = {"9c56cc51b374c3ba189210d5b6d4bf57": "a.zip"}',
      '+def check(data):',
      '+    if md5(data) not in SUMS:',
      '+        raise Broken',
    ]),
  ],
  [
    'a schema that asks for more',
    guarded('schemas/a.schema.json', ['-  "required": ["id"],', '+  "required": ["id", "total"],']),
  ],
  [
    'a setting in a new test',
    guarded('tests/test_a.py', [
      '+def test_off(monkeypatch):',
      '+    monkeypatch.setattr(settings, "LOCK_ENABLED", False)',
      '+    assert login() is None',
      ' def test_on():',
      '     assert login() == 1',
    ]),
  ],
  [
    'a file that the program reads',
    guarded('tests/test_a.py', [
      ' def test_a(tmp_path):',
      '+    source = tmp_path / "a.txt"',
      '+    source.write_text("x")',
      '     assert load(tmp_path) == "x"',
    ]),
  ],
]

test.each(CASES)('%s: no finding', async (_what, file) => {
  expect(await diffGuard([file])).toEqual([])
})
