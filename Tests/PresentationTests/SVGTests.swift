import Presentation
import Testing

/// A strict reader of the XML that the drawings use: elements, attributes, text, no more.
private struct Markup {
  struct Element {
    let name: String
    let attributes: [String: String]
    var text = ""
    /// The names of the elements around it, the outermost first.
    let parents: [String]
  }

  private(set) var elements: [Element] = []

  /// Reads a document; nil where it is not well formed or has anything else in it.
  init?(_ document: String) {
    var rest = document[...]
    var open: [Int] = []
    while !rest.isEmpty {
      guard rest.first == "<" else {
        let text = rest.prefix { $0 != "<" }
        rest = rest[text.endIndex...]
        guard let content = Self.unescaped(text) else { return nil }
        if let index = open.last {
          elements[index].text += content
        } else if content.contains(where: { !$0.isWhitespace }) {
          return nil
        }
        continue
      }
      guard let end = rest.firstIndex(of: ">") else { return nil }
      var tag = rest[rest.index(after: rest.startIndex)..<end]
      rest = rest[rest.index(after: end)...]
      if tag.first == "/" {
        guard let index = open.popLast(), elements[index].name == tag.dropFirst() else {
          return nil
        }
        continue
      }
      let isEmpty = tag.last == "/"
      if isEmpty { tag = tag.dropLast() }
      if open.isEmpty, !elements.isEmpty { return nil }
      guard let element = Self.element(tag, inside: open.map { elements[$0].name }) else {
        return nil
      }
      elements.append(element)
      if !isEmpty { open.append(elements.count - 1) }
    }
    guard open.isEmpty, !elements.isEmpty else { return nil }
  }

  private static func element(_ tag: Substring, inside parents: [String]) -> Element? {
    let name = tag.prefix { $0.isLetter && $0.isASCII }
    guard !name.isEmpty else { return nil }
    var attributes: [String: String] = [:]
    var rest = tag.dropFirst(name.count)
    while !rest.isEmpty {
      guard rest.first == " ", let equals = rest.firstIndex(of: "=") else { return nil }
      let key = rest[rest.index(after: rest.startIndex)..<equals]
      let value = rest[rest.index(after: equals)...]
      guard value.first == "\"", let quote = value.dropFirst().firstIndex(of: "\""),
        let content = unescaped(value.dropFirst()[..<quote]),
        key.allSatisfy({ $0.isLetter || $0 == "-" || $0.isNumber }), attributes[String(key)] == nil
      else { return nil }
      attributes[String(key)] = content
      rest = value[value.index(after: quote)...]
    }
    return Element(name: String(name), attributes: attributes, parents: parents)
  }

  private static func unescaped(_ text: Substring) -> String? {
    var result = ""
    var rest = text
    let entities = ["&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": "\"", "&#39;": "'"]
    while let character = rest.first {
      guard character == "&" else {
        if character == "<" { return nil }
        result.append(character)
        rest = rest.dropFirst()
        continue
      }
      guard let entity = entities.first(where: { rest.hasPrefix($0.key) }) else { return nil }
      result += entity.value
      rest = rest.dropFirst(entity.key.count)
    }
    return result
  }
}

struct SVGTests {
  private func markup(_ drawing: Drawing, _ setting: Drawing.Setting = .inline) throws -> Markup {
    try #require(Markup(drawing.svg(setting)))
  }

  @Test(arguments: ["<a>", "<a></b>", "<a b=\"1\" b=\"2\"/>", "<a>&</a>", "<a/><a/>", "a<b/>"])
  func `the tests' own reader refuses what is not well formed`(document: String) {
    #expect(Markup(document) == nil)
  }

  @Test(arguments: Sample.usual + Sample.degenerate)
  func `charts are well formed and draw on nothing outside`(sample: Sample) throws {
    for setting in [Drawing.Setting.standalone, .inline] {
      let elements = try markup(sample.drawing, setting).elements
      let known = ["svg", "title", "desc", "style", "polyline", "circle", "rect", "text"]
      #expect(elements.allSatisfy { known.contains($0.name) })
      let names = Set(elements.flatMap(\.attributes.keys))
      #expect(names.isDisjoint(with: ["href", "src", "class", "id", "onload"]))
      for value in elements.dropFirst().flatMap(\.attributes.values) {
        #expect(!value.contains("://") && !value.contains("url("))
      }
      let styles = elements.filter { $0.name == "style" }.map(\.text)
      #expect(styles.count == (setting == .standalone ? 1 : 0))
      #expect(styles.allSatisfy { !$0.contains("url(") && !$0.contains("@import") })
    }
  }

  @Test(arguments: Sample.usual)
  func `each colour variable is defined in both themes`(sample: Sample) throws {
    let svg = sample.drawing.svg(.inline)
    let used = Set(svg.split(separator: "var(").dropFirst().map { $0.prefix { $0 != ")" } })
    #expect(!used.isEmpty)
    let rules = Drawing.styleSheet(for: ".page").split(separator: "@media")
    #expect(rules.count == 2 && rules[1].hasPrefix(" (prefers-color-scheme:dark){.page{"))
    for variable in used {
      #expect(rules.allSatisfy { $0.contains("\(variable):#") }, "\(variable)")
    }
  }

  @Test func `a drawing names and describes itself, and scales with its page`() throws {
    let drawing = Drawing(width: 440, height: 300.456, title: "A & B", summary: "1 < 2")
    let elements = try markup(drawing).elements
    let root = elements[0]
    #expect(root.attributes["role"] == "img")
    #expect(root.attributes["viewBox"] == "0 0 440 300.46")
    #expect(root.attributes["width"] == "100%" && root.attributes["height"] == nil)
    #expect(root.attributes["style"] == "max-width:660px")
    #expect(elements[1].name == "title" && elements[1].text == "A & B")
    #expect(elements[2].name == "desc" && elements[2].text == "1 < 2")
  }

  @Test func `a standalone file has its own background and colours, a part of a page does not`()
    throws
  {
    let drawing = Drawing(width: 10, height: 20, title: "t")
    let file = try markup(drawing, .standalone).elements
    #expect(file.map(\.name) == ["svg", "title", "style", "rect"])
    #expect(file[2].text.contains(Drawing.styleSheet(for: "svg")))
    #expect(
      file[3].attributes
        == ["width": "10", "height": "20", "fill": "var(--chart-background)"])
    #expect(try markup(drawing).elements.map(\.name) == ["svg", "title"])
  }

  @Test func `shapes become elements with at most two decimals`() {
    var drawing = Drawing(width: 10, height: 20, title: "t")
    drawing.add(.line([.init(1, 2.004), .init(1.0 / 3, -4)], width: 1.5), .series(8), opacity: 0.5)
    drawing.add(.line([.init(0, 0)], width: 2, isDashed: true), .grid)
    drawing.add(.circle(.init(3, 4), radius: 2.999), .scale(0), tooltip: "a \"b\"")
    drawing.add(.rectangle(.init(x: 0, y: 1, width: 2, height: 3)), .onScale(1))
    drawing.add(.outline(.init(x: 0, y: 1, width: 2, height: 3), width: 1), .course(0))
    drawing.add(
      .text(.init("x", at: .init(5, 6), anchor: .end, size: 11, isBold: true, angle: 90)), .muted)
    #expect(
      drawing.svg(.inline).split(separator: "\n").dropFirst(2).joined(separator: "\n") == """
        <polyline points="1,2 0.33,-4" fill="none" stroke="var(--chart-series-1)" \
        stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" opacity="0.5"/>
        <polyline points="0,0" fill="none" stroke="var(--chart-grid)" stroke-width="2" \
        stroke-linecap="round" stroke-linejoin="round" stroke-dasharray="8 6"/>
        <circle cx="3" cy="4" r="3" fill="#440154"><title>a &quot;b&quot;</title></circle>
        <rect x="0" y="1" width="2" height="3" fill="#000000"/>
        <rect x="0" y="1" width="2" height="3" fill="none" stroke="#2f7be0" stroke-width="1"/>
        <text x="5" y="6" font-size="11" text-anchor="end" font-weight="600" \
        transform="rotate(-90 5 6)" fill="var(--chart-muted)">x</text>
        </svg>
        """)
  }

  @Test func `text is text, whatever its characters are`() throws {
    var drawing = Drawing(width: 9, height: 9, title: "</title><script>alert(1)</script>")
    let hostile = "\"><image href='//host/x'/>&amp;<!--]]>"
    drawing.add(.text(.init(hostile, at: .init(0, 0))), .text, tooltip: hostile)
    drawing.add(.text(.init("a\u{0}b\u{1B}c\nd\u{FFFE}", at: .init(0, 0))), .text)
    let elements = try markup(drawing, .standalone).elements
    #expect(
      elements.map(\.name) == ["svg", "title", "style", "rect", "text", "title", "text"])
    #expect(elements[1].text == "</title><script>alert(1)</script>")
    #expect(elements[4].text == hostile && elements[5].text == hostile)
    #expect(elements[5].parents == ["svg", "text"])
    #expect(elements[6].text == "a\u{FFFD}b\u{FFFD}c d\u{FFFD}")
  }

  @Test func `the same chart is the same text`() {
    for sample in Sample.usual {
      #expect(sample.drawing.svg(.standalone) == sample.drawing.svg(.standalone))
    }
  }
}
