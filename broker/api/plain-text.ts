/** An answer that is text of a type of its own, and not JSON. */
export class PlainText {
  readonly type: string
  readonly text: string

  constructor(type: string, text: string) {
    this.type = type
    this.text = text
  }
}
