extension StrokeFont {
  /// A line for each character: itself, a space, its outline.
  ///
  /// The type has 28 units; the baseline is at 8, lower-case letters reach 23 (`n`), capitals 28
  /// (`s`), and what hangs below the line 2.
  static let outlines = #"""
      8
    ! 80s0e 0808
    " a0s0m 4s4m
    # g4s28 9s78 0lbl 0faf
    $ gao~9s5s~0s~0j5i~bh~b858~180c 5v55
    % p4s~8s~8i~0i~0s4s gi~ki~k8~c8~cigi gs48
    & je83m~3s6s~asao~al4i~0g0d~0858~b8dh
    ' 50s0m
    ( 94u~0p0h~0944
    ) 90u~4p4h~4904
    * b4s4k 0q8m 8q0m
    + g6n6b 0hch
    , 81904
    - 90g5g
    . 80808
    / 87s06
    0 g6s~bs~b8~18~1s6s
    1 g2o7s78
    2 g0n~0s5s~bsbm~bh08b8
    3 g0o~1s5s~as~ai5i~bi~b858~080c
    4 g888s0dbd
    5 gas1s0j~2l5l~bl~b858~080c
    6 gap~9s6s~0s0e~0858~b8~bk5k~0k0e
    7 g0sbs48
    8 g6s~bs~bi6i~1i~1s6s 6i~ci~c868~08~0i6i
    9 g1b~2858~b8bm~bs6s~0s~0g6g~bgbm
    : 80k0k 0808
    ; 81k1k 1904
    < gcn0hcb
    = g0kck 0ece
    > g0nch0b
    ? g0n~0s5s~asan~ai5g5d 5858
    @ sbn~fn~fc~7c~7nbn fnfe~fbib~mbmi~msbs~0s~05b5h6
    A j087se8 2fcf
    B j080s6s~bs~bi6i0i 6i~di~d86808
    C keo~cs8s~0s~0888~c8ec
    D k080s5s~es~e85808
    E jcs0s08c8 0iai
    F hbs0s08 0i9i
    G meo~cs8s~0s~0888~f8fefi9i
    H k080s e8es 0iei
    I 8080s
    J e9s9e~9848~080d
    K j080s ds0e 5jd8
    L g0s08b8
    M n080s8cgsg8
    N k080se8es
    O m8s~gs~g8~08~0s8s
    P j080s7s~ds~dh7h0h
    Q m8s~gs~g8~08~0s8s acg7
    R k080s7s~ds~dh7h0h 7hd8
    S jco~bs6s~0s~0j6i~dh~d868~180c
    T h0ses 7s78
    U k0s0f~0878~e8efes
    V j0s78es
    W q0s58bsh8ms
    X j0sd8 ds08
    Y j0s7hes 7h78
    Z h0sds08d8
    [ 84u0u0444
    \ 80s76
    ] 80u4u4404
    ^ d0k5sak
    _ g04f4
    ` 90s4o
    a g1j~1n5n~anaia8 ag5g~0g~0848~a8ad
    b g0s08 0h~0n6n~bn~b868~080e
    c eak~9n5n~0n~0858~98ab
    d gbsb8 bh~bn5n~0n~0858~b8be
    e g0gbg~bn6n~0n~0868~a8bc
    f 87s~3s3o38 0n7n
    g gbnb7~b252~1214 bh~bn5n~0n~0858~b8be
    h g0s08 0h~0n5n~anaha8
    i 60n08 0s0s
    j 63n36~3202 3s3s
    k e0s08 an0d 4ha8
    l 60s08
    m n0n08 0h~0n5n~9n9h98 9h~9nen~inihi8
    n g0n08 0h~0n5n~anaha8
    o g6n~cn~c8~08~0n6n
    p g0n02 0h~0n6n~bn~b868~080e
    q gbnb2 bh~bn5n~0n~0858~b8be
    r 90n08 0g~0n6n
    s e9k~8n5n~0n~0h5g~af~a858~180b
    t 83r3c~3878 0n7n
    u g0n0e~0858~a8ae ana8
    v e0n58an
    w k0n488nc8gn
    x e0na8 an08
    y e0n58 an45~3212
    z e0n9n0898
    { 95u~2u2q2k~2h0h~2h2e28~2454
    | 70u04
    } 90u~3u3q3k~3h5h~3h3e38~3404
    ~ g0g~0j3j~5j6h~7f9f~cfci
    “ b1s0m 6s5m
    ” b1s0m 6s5m
    „ b1904 6954
    ‘ 61s0m
    ’ 61s0m
    · 80h0h
    → o0hih cnihcb
    ← o0hih 6n0h6b
    ‖ b0u04 5u54
    × g0mac am0c
    − g0hch
    – g0gcg
    — s0gpg
    … s0808 9898 i8i8
    ° b3s~6s~6m~0m~0s3s
    ± g6n6d 0ici 08c8
    ≈ g0k~0n3n~5n6l~7j9j~cjcm 0c~0f3f~5f6d~7b9b~cbce
    ≤ gcp0jcd 09c9
    ≥ g0pcj0d 09c9
    ∞ m9h~cmem~im~icec~cc9h~6m4m~0m~0c4c~6c9h
    Δ j087se808
    σ g6n~cn~c8~08~0n6ndn
    µ g0n02 0e~0858~a8ae ana8
    μ g0n02 0e~0858~a8ae ana8
    """#
}
