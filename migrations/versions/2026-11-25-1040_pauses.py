"""pauses after somebody did not come

Revision ID: pauses
Revises: certificates
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.base


revision = 'pauses'
down_revision = 'certificates'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('pause',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('attendance_id', sa.Integer(), nullable=False),
    sa.Column('starts_at', models.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('ends_at', models.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('holds_stars', sa.Boolean(), nullable=False),
    sa.Column('lifted_at', models.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('lifted_by_id', sa.Integer(), nullable=True),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint('starts_at < ends_at', name=op.f('ck_pause_order')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_pause_person_id')),
    sa.ForeignKeyConstraint(['attendance_id'], ['attendance.id'], name=op.f('fk_pause_attendance_id')),
    sa.ForeignKeyConstraint(['lifted_by_id'], ['person.id'], name=op.f('fk_pause_lifted_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pause')),
    sa.UniqueConstraint('attendance_id', name=op.f('uq_pause_attendance_id')),
    )
    with op.batch_alter_table('pause', schema=None) as batch_op:
        batch_op.create_index('ix_pause_person_id', ['person_id'], unique=False)
        batch_op.create_index('ix_pause_ends_at', ['ends_at'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('pause', schema=None) as batch_op:
        batch_op.drop_index('ix_pause_ends_at')
        batch_op.drop_index('ix_pause_person_id')

    op.drop_table('pause')
