"""Where the simulated lender works and what its people are called: constants; every person is fictitious.

PIN codes, districts and coordinates are real and public.  Phone numbers begin with 5, which no Indian network serves: a
message or call to a simulated person can never reach a real one.
"""

from dataclasses import dataclass

LENDER = "Sahara Demo Microfinance (simulated)"
FLOODED_PINCODE = "847211"


@dataclass(frozen=True, slots=True)
class Pin:
    """One PIN code: its office, and its middle in units of 0.0001 degree (integers, so that text repeats to the byte)."""

    code: str
    place: str
    latitude: int
    longitude: int


@dataclass(frozen=True, slots=True)
class Branch:
    """One branch: its state, languages (ISO 639, most common first) and PIN codes; migrated = its history begins late."""

    branch_id: str
    code: str
    district: str
    state: str
    languages: tuple[str, ...]
    pins: tuple[Pin, ...]
    women: tuple[str, ...]
    men: tuple[str, ...]
    surnames: tuple[str, ...]
    migrated: bool = False


MADHUBANI = Branch(
    "BR-MDB",
    "MDB",
    "Madhubani",
    "Bihar",
    ("hi", "mai"),
    (
        Pin("847211", "Rampatti", 263460, 860715),
        Pin("847102", "Basaith", 264526, 860737),
        Pin("847109", "Rajnagar", 263570, 860830),
        Pin("847213", "Bhawanipur", 263624, 862100),
        Pin("847231", "Khajauli", 263473, 861049),
        Pin("847239", "Jaynagar", 264466, 860717),
    ),
    (
        "Anju",
        "Asha",
        "Babita",
        "Geeta",
        "Indu",
        "Kiran",
        "Lalita",
        "Mamta",
        "Meena",
        "Neelam",
        "Pinki",
        "Poonam",
        "Rekha",
        "Renu",
        "Rina",
        "Rukhsana",
        "Sangeeta",
        "Savitri",
        "Shabnam",
        "Sita",
        "Sudha",
        "Sunita",
        "Urmila",
        "Vibha",
    ),
    ("Ajay", "Arvind", "Bablu", "Dinesh", "Gopal", "Imran", "Manoj", "Naresh", "Pawan", "Rajesh", "Ramesh", "Sanjay"),
    ("Devi", "Kumari", "Jha", "Mandal", "Mishra", "Paswan", "Sahni", "Thakur", "Yadav", "Khatoon", "Ram", "Sah"),
)
NASHIK = Branch(
    "BR-NSK",
    "NSK",
    "Nashik",
    "Maharashtra",
    ("mr", "hi"),
    (
        Pin("422001", "Nashik", 200082, 738065),
        Pin("422003", "Panchavati", 200680, 738103),
        Pin("422006", "Upnagar", 200051, 737863),
        Pin("422010", "Ambad", 199214, 737654),
        Pin("422013", "Gangapur Road", 199962, 737819),
    ),
    (
        "Anita",
        "Archana",
        "Aruna",
        "Ashwini",
        "Jyoti",
        "Kalpana",
        "Lata",
        "Manisha",
        "Nanda",
        "Pushpa",
        "Ranjana",
        "Rohini",
        "Sarika",
        "Savita",
        "Shobha",
        "Sindhu",
        "Sulochana",
        "Surekha",
        "Swati",
        "Usha",
        "Vaishali",
        "Vandana",
        "Varsha",
        "Vidya",
    ),
    ("Amol", "Anil", "Bharat", "Deepak", "Ganesh", "Kiran", "Mahesh", "Nitin", "Prakash", "Sachin", "Suresh", "Vijay"),
    ("Bhosale", "Chavan", "Deshmukh", "Gaikwad", "Jadhav", "Kale", "More", "Pawar", "Patil", "Shaikh", "Shinde", "Wagh"),
)
SALEM = Branch(
    "BR-SLM",
    "SLM",
    "Salem",
    "Tamil Nadu",
    ("ta", "te"),
    (
        Pin("636001", "Salem", 116561, 781596),
        Pin("636004", "Suramangalam", 116740, 781395),
        Pin("636006", "Annathanapatti", 116416, 781513),
        Pin("636008", "Hasthampatti", 116909, 781763),
        Pin("636014", "Ammapet", 116647, 781990),
    ),
    (
        "Amudha",
        "Chitra",
        "Devi",
        "Eswari",
        "Fathima",
        "Gomathi",
        "Indira",
        "Jayanthi",
        "Kala",
        "Kavitha",
        "Lakshmi",
        "Malar",
        "Meenakshi",
        "Muthulakshmi",
        "Nirmala",
        "Parvathi",
        "Rani",
        "Revathi",
        "Saraswathi",
        "Selvi",
        "Shanthi",
        "Tamilselvi",
        "Uma",
        "Valli",
    ),
    ("Arun", "Balu", "Ganesan", "Karthik", "Kumar", "Mani", "Murugan", "Prabhu", "Raja", "Ravi", "Selvam", "Senthil"),
    (
        "Arumugam",
        "Chinnasamy",
        "Govindan",
        "Kandasamy",
        "Krishnan",
        "Mohan",
        "Murugesan",
        "Natarajan",
        "Palani",
        "Raman",
        "Subramani",
        "Velu",
    ),
    migrated=True,
)
BRANCHES = (MADHUBANI, NASHIK, SALEM)

OCCUPATIONS = (
    ("dairy", 20),
    ("kirana_shop", 18),
    ("tailoring", 16),
    ("farm_labour", 14),
    ("vegetable_vendor", 12),
    ("handicraft", 8),
    ("beauty_parlour", 4),
    ("factory_worker", 8),
)
BANKS = ("SBI", "PNB", "Bank of Baroda", "Canara Bank", "Indian Bank", "HDFC Bank", "ICICI Bank")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
