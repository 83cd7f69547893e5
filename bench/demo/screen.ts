import { clearScreenDown, moveCursor } from 'node:readline'

/** Text on stdout that is drawn again in its place; where stdout is no terminal, only the last drawing is printed. */
export class Screen {
  #lines = 0
  #text = ''

  draw(text: string): void {
    this.#text = text
    if (process.stdout.isTTY !== true) return
    moveCursor(process.stdout, 0, -this.#lines)
    clearScreenDown(process.stdout)
    process.stdout.write(`${text}\n`)
    this.#lines = text.split('\n').length
  }

  /** Leaves the last drawing where it is. */
  end(): void {
    if (process.stdout.isTTY !== true) process.stdout.write(`${this.#text}\n`)
  }
}
