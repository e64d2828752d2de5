"""Whether a venue's name fits the category it asks for. Pure: a word in a name is a reason to look, never to refuse."""

WORDS: dict[str, tuple[str, ...]] = {
    "nightlife": ("클럽", "나이트", "유흥", "단란주점", "콜라텍", "헌팅포차", "룸살롱"),
    "karaoke": ("노래방", "노래연습장", "노래타운", "코인노래", "karaoke"),
    "gym": ("헬스", "피트니스", "필라테스", "요가", "체육관", "크로스핏", "수영장", "볼링", "당구", "fitness", "gym"),
    "bathhouse": ("사우나", "목욕탕", "찜질방", "불가마", "온천", "sauna"),
    "betting": ("카지노", "경마", "경륜", "경정", "casino"),
    "cafe": ("카페", "커피", "식당", "치킨", "분식", "김밥", "포차", "호프", "갈비", "국밥", "베이커리", "cafe",
             "café", "coffee"),
    "academy": ("학원", "교습소", "academy"),
    "cinema": ("영화관", "시네마", "극장", "공연장", "소극장", "cinema", "theatre", "theater"),
    "study_cafe": ("독서실", "스터디카페", "스터디"),
    "multibang": ("멀티방",),
    "pc_bang": ("pc방", "피시방", "피씨방", "pc카페"),
    "stadium": ("경기장", "아레나", "arena", "stadium"),
    "museum": ("박물관", "미술관", "과학관", "갤러리", "museum", "gallery"),
    "party_room": ("파티룸", "party room"),
    "library": ("도서관", "library"),
    "massage": ("마사지", "안마", "massage"),
    "large_store": ("백화점", "마트", "쇼핑몰", "아울렛", "mart"),
}  # fmt: skip


def sounds_like(name: str, category: str) -> str | None:
    """The code of another category that the name speaks of, where it does not speak of its own; the longest word tells,
    so that a 스터디카페 is none of the cafés."""
    plain = "".join(name.lower().split())
    found = [(len(word), code) for code, words in WORDS.items() for word in words if "".join(word.split()) in plain]
    longest = max((length for length, _code in found), default=0)
    codes = [code for length, code in found if length == longest]
    return None if not codes or category in codes else codes[0]
