import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../sources.ts'

/** A fenced block of a page. */
export interface Block {
  /** Where it begins: `README.md:12`. */
  readonly where: string
  /** What stands behind its fence: `sh`, `ts`, `text`. */
  readonly language: string
  readonly text: string
}

/** The pages whose blocks are run, as paths from the root. */
export function pages(): string[] {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  return ['README.md', 'CONTRIBUTING.md', ...docs.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)]
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
}

export function readPage(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** The fenced blocks of a page, in order. */
export function blocksIn(path: string): Block[] {
  const blocks: Block[] = []
  let open: { language: string; line: number; text: string[] } | undefined
  for (const [i, line] of readPage(path).split('\n').entries()) {
    const fence = /^```(.*)$/.exec(line)
    if (fence === null) open?.text.push(line)
    else if (open === undefined) open = { language: (fence[1] ?? '').trim(), line: i + 1, text: [] }
    else {
      blocks.push({ where: `${path}:${open.line}`, language: open.language, text: open.text.join('\n') })
      open = undefined
    }
  }
  if (open !== undefined) throw new Error(`${path}:${open.line}: the block has no end`)
  return blocks
}

/** A program of a page: a ts block that imports something, and the ts blocks behind it that go on from there. */
export interface Program {
  readonly where: string
  readonly source: string
}

/**
 * Something to do for a page, in its order: a program stands where its first block stands. `output` is the text block right behind a sh
 * block: what it prints.
 */
export type Step =
  | { readonly kind: 'sh'; readonly where: string; readonly script: string; readonly output: string | undefined }
  | { readonly kind: 'ts'; readonly program: Program }

export function stepsOf(path: string): Step[] {
  const blocks = blocksIn(path)
  const steps: Step[] = []
  let program: { where: string; source: string } | undefined
  for (const [i, { where, language, text }] of blocks.entries()) {
    if (language === 'sh') {
      const next = blocks[i + 1]
      steps.push({ kind: 'sh', where, script: text, output: next?.language === 'text' ? next.text : undefined })
    } else if (language === 'ts' && /^import /m.test(text)) {
      program = { where, source: text }
      steps.push({ kind: 'ts', program })
    } else if (language === 'ts') {
      if (program === undefined) throw new Error(`${where}: no block before it imports anything`)
      // Each block that goes on has a scope of its own, as each is read by itself.
      program.source += `\n{\n${text}\n}`
    } else if (language !== 'text') {
      throw new Error(`${where}: a block is sh, ts, or text, not "${language}"; what cannot run is indented instead`)
    }
  }
  return steps
}
